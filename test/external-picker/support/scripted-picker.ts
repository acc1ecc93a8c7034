import { after, before } from 'node:test';
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  type HeaderMutationSchema,
  type ProcessingRequest,
  ProcessingRequestSchema,
  ProcessingResponseSchema,
} from '../../../src/envoy/gen/envoy/service/ext_proc/v3/external_processor_pb.ts';
import { ByteBudget, FaultLog } from '../../../src/kernel/index.ts';
import { selfSigned } from '../../../src/tls/self-signed.ts';
import type { GrpcCall } from '../../../src/wire/index.ts';
import { GrpcServer } from '../../../src/wire/index.ts';

export type Answer = MessageInitShape<typeof ProcessingResponseSchema>;

/** One stream of a gateway, as the test's picker sees it. */
export class PickerStream {
  readonly call: GrpcCall;
  /** All that has come. */
  readonly messages: ProcessingRequest[] = [];
  open = true;

  constructor(call: GrpcCall) {
    this.call = call;
  }

  /** Of the request or the response, by its name in lower case. */
  header(name: string, of: 'requestHeaders' | 'responseHeaders' = 'requestHeaders'): string | undefined {
    for (const { request } of this.messages) {
      if (request.case !== of) continue;
      const found = request.value.headers?.headers.find(({ key }) => key === name);
      if (found !== undefined) return found.value || Buffer.from(found.rawValue).toString();
    }
    return undefined;
  }

  get body(): string {
    return Buffer.concat(
      this.messages.flatMap(({ request }) => (request.case === 'requestBody' ? [request.value.body] : [])),
    ).toString();
  }

  answer(...answers: readonly Answer[]): void {
    this.call.send(
      answers.map(answer =>
        Buffer.from(toBinary(ProcessingResponseSchema, create(ProcessingResponseSchema, answer))),
      ),
    );
  }
}

/** Called when the request is whole: its head, and its body where it has one. */
export type PickerScript = (stream: PickerStream) => void;

/** An endpoint picker that answers as its script says, right or wrong. */
export class ScriptedPicker {
  readonly port: number;
  readonly streams: PickerStream[] = [];
  script: PickerScript;
  /** Called when the head of the response has come. Default: it goes on as it is. */
  onResponse: PickerScript = stream => stream.answer(responseAnswer());
  readonly #server: GrpcServer;

  private constructor(server: GrpcServer, script: PickerScript) {
    this.#server = server;
    this.port = server.port;
    this.script = script;
  }

  static async start(
    script: PickerScript,
    { tls = true, port = 0, address = '127.0.0.1' } = {},
  ): Promise<ScriptedPicker> {
    let self: ScriptedPicker | undefined;
    const server = await GrpcServer.start({
      listen: { address, port },
      tls: tls ? { options: selfSigned('picker', new Date()) } : undefined,
      methods: {
        '/envoy.service.ext_proc.v3.ExternalProcessor/Process': call => (self as ScriptedPicker).#serve(call),
      },
      maxMessageBytes: 16 * 1024 * 1024,
      buffers: ByteBudget.create(256 * 1024 * 1024),
      maxStreamsPerConnection: 1000,
      maxConnections: 100,
      handshakeTimeoutMs: 5000,
      keepaliveMs: 60_000,
      keepaliveTimeoutMs: 60_000,
      onBadInput: () => {},
      faults: new FaultLog(() => {}),
    });
    self = new ScriptedPicker(server, script);
    return self;
  }

  get last(): PickerStream {
    return this.streams.at(-1) as PickerStream;
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  #serve(call: GrpcCall) {
    const stream = new PickerStream(call);
    this.streams.push(stream);
    return {
      message: (bytes: Buffer) => {
        const message = fromBinary(ProcessingRequestSchema, bytes);
        stream.messages.push(message);
        const { request } = message;
        if (
          (request.case === 'requestHeaders' || request.case === 'requestBody') &&
          request.value.endOfStream
        )
          this.script(stream);
        if (request.case === 'responseHeaders') this.onResponse(stream);
      },
      halfClosed: () => {
        stream.open = false;
        call.end();
      },
      closed: () => {
        stream.open = false;
      },
    };
  }
}

/** Headers of the request: name → value. */
export function setHeaders(headers: Readonly<Record<string, string>>, remove: readonly string[] = []) {
  return {
    setHeaders: Object.entries(headers).map(([key, value]) => ({
      header: { key, rawValue: Buffer.from(value) },
    })),
    removeHeaders: [...remove],
  };
}

/** The answer to the head of a request. */
export function headAnswer(
  headers: Readonly<Record<string, string>>,
  remove: readonly string[] = [],
): Answer {
  return {
    response: {
      case: 'requestHeaders',
      value: { response: { headerMutation: setHeaders(headers, remove), clearRouteCache: true } },
    },
  };
}

/** The answer to the head of a response, which leaves it as it is, or does this to its headers. */
export function responseAnswer(headerMutation: MessageInitShape<typeof HeaderMutationSchema> = {}): Answer {
  return { response: { case: 'responseHeaders', value: { response: { headerMutation } } } };
}

/** A piece of the body that goes on. */
export function bodyAnswer(body: string, endOfStream = true): Answer {
  const streamedResponse = { body: Buffer.from(body), endOfStream };
  return {
    response: {
      case: 'requestBody',
      value: {
        response: { bodyMutation: { mutation: { case: 'streamedResponse', value: streamedResponse } } },
      },
    },
  };
}

/** Places a request, its body as it came. */
export function place(stream: PickerStream, destination: string): void {
  const answers = [headAnswer({ 'x-gateway-destination-endpoint': destination })];
  if (stream.body !== '') answers.push(bodyAnswer(stream.body));
  stream.answer(...answers);
}

/** One for the tests of a file. */
export function useScriptedPicker(options?: { readonly tls?: boolean }): () => ScriptedPicker {
  let picker: ScriptedPicker | undefined;
  before(async () => {
    picker = await ScriptedPicker.start(() => {}, options);
  });
  after(() => picker?.close());
  return () => picker as ScriptedPicker;
}
