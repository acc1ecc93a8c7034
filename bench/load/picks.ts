import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { ProcessingMode_BodySendMode as BodyMode } from '../../src/envoy/gen/envoy/extensions/filters/http/ext_proc/v3/processing_mode_pb.ts';
import { ProcessingRequestSchema } from '../../src/envoy/gen/envoy/service/ext_proc/v3/external_processor_pb.ts';
import { frameMessages } from '../../src/wire/index.ts';
import type { Address } from '../processes.ts';
import { chatBody } from './chat-body.ts';

const PROCESS = {
  ':method': 'POST',
  ':path': '/envoy.service.ext_proc.v3.ExternalProcessor/Process',
  'content-type': 'application/grpc',
};
/** Bodies that differ: no two in a row have the same prompt. */
const BODIES = 64;

/** What Envoy sends of a chat request, made before the load begins. */
interface Sent {
  readonly head: Buffer;
  readonly body: Buffer;
}

/** Streams of requests as an Envoy would open them, one after another on each of some places. */
export class PickLoad {
  /** Requests whose streams have ended. */
  done = 0;
  readonly #sessions: ClientHttp2Session[] = [];
  readonly #sent: readonly Sent[];
  readonly #buffered: boolean;
  #failure: Error | undefined;
  #stopped = false;
  #next = 0;

  private constructor(mode: 'BUFFERED' | 'FULL_DUPLEX_STREAMED') {
    this.#buffered = mode === 'BUFFERED';
    this.#sent = Array.from({ length: BODIES }, (_, seed) => sentOf(seed, mode));
  }

  static async open(
    { host, port }: Address,
    options: {
      readonly connections: number;
      readonly streams: number;
      readonly mode: 'BUFFERED' | 'FULL_DUPLEX_STREAMED';
    },
  ): Promise<PickLoad> {
    const load = new PickLoad(options.mode);
    for (let i = 0; i < options.connections; i++) {
      const session = connect(`http://${host}:${port}`);
      load.#sessions.push(session);
      await once(session, 'remoteSettings');
      session.on('error', error => load.#fail(error));
      for (let place = 0; place < options.streams; place++) load.#request(session);
    }
    return load;
  }

  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  close(): void {
    this.#stopped = true;
    for (const session of this.#sessions) session.destroy();
  }

  #request(session: ClientHttp2Session): void {
    if (this.#stopped) return;
    const { head, body } = this.#sent[this.#next++ % BODIES]!;
    const stream = session.request(PROCESS);
    let answers = 0;
    stream.on('error', error => this.#fail(error));
    stream.on('data', () => {
      answers++;
      if (answers === 1 && this.#buffered) stream.write(body);
      else stream.end();
    });
    stream.on('close', () => {
      if (answers === 0) this.#fail(new Error('a stream ended without an answer'));
      this.done++;
      this.#request(session);
    });
    if (this.#buffered) stream.write(head);
    else stream.write(Buffer.concat([head, body]));
  }

  #fail(error: Error): void {
    if (!this.#stopped) this.#failure ??= error;
  }
}

function sentOf(seed: number, mode: 'BUFFERED' | 'FULL_DUPLEX_STREAMED'): Sent {
  const body = chatBody(seed);
  const headers = Object.entries({
    ':authority': 'gateway.example.com',
    ':path': '/v1/chat/completions',
    ':method': 'POST',
    ':scheme': 'http',
    'content-type': 'application/json',
    'content-length': String(body.length),
    'user-agent': 'OpenAI/Python 1.99.0',
    accept: 'application/json',
    authorization: 'Bearer EMPTY',
    'x-forwarded-for': '10.1.2.3',
    'x-forwarded-proto': 'http',
    'x-request-id': `3f1c9a52-0d1b-4a53-9d0f-${String(seed).padStart(12, '0')}`,
  }).map(([key, value]) => ({ key, rawValue: new Uint8Array(Buffer.from(value)) }));
  return {
    head: framed({
      request: { case: 'requestHeaders', value: { headers: { headers }, endOfStream: false } },
      protocolConfig: { requestBodyMode: BodyMode[mode], responseBodyMode: BodyMode.NONE },
    }),
    body: framed({
      request: {
        case: 'requestBody',
        value: { body: new Uint8Array(Buffer.from(body)), endOfStream: true },
      },
    }),
  };
}

function framed(message: MessageInitShape<typeof ProcessingRequestSchema>): Buffer {
  return frameMessages([
    Buffer.from(toBinary(ProcessingRequestSchema, create(ProcessingRequestSchema, message))),
  ]);
}
