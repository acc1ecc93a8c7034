import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { monotonicMs, type Payer, REQUEST_FAULT, runFor, runSoonFor, toError } from '../../kernel/index.ts';
import {
  type CallHandler,
  type GrpcCall,
  INTERNAL,
  INVALID_ARGUMENT,
  RESOURCE_EXHAUSTED,
} from '../../wire/index.ts';
import type { Node } from '../gen/envoy/config/core/v3/base_pb.ts';
import type { Snapshot } from './snapshot.ts';
import { StreamCore } from './stream-core.ts';
import { typeOfUrl, type XdsType } from './types.ts';
import type { XdsBounds } from './xds-bounds.ts';
import type { Dialect, StreamEvent } from './xds-dialect.ts';

interface DiscoveryMessage {
  readonly node?: Node;
  readonly typeUrl: string;
}

/** One of the two forms of the protocol, and its messages. */
export interface StreamForm<Request extends DescMessage, Response extends DescMessage> {
  readonly request: Request;
  readonly response: Response;
  readonly dialect: Dialect<MessageShape<Request>, MessageShape<Response>>;
}

export interface StreamHooks {
  /** The first request names its node: why it is refused, or what it is to know, if that is there yet. */
  readonly admit: (
    stream: XdsStream,
    node: Node,
  ) => { readonly snapshot: Snapshot | undefined } | { readonly refused: string; readonly code: number };
  readonly answered: (node: Node, event: Exclude<StreamEvent, { kind: 'stale' }>) => void;
  readonly stale: (stream: XdsStream, type: XdsType) => void;
  readonly unsupported: (stream: XdsStream, typeUrl: string) => void;
  readonly refused: (stream: XdsStream, reason: string) => void;
  readonly closed: (stream: XdsStream) => void;
}

/** One stream without its form of the protocol. */
export type XdsStream = Pick<
  GrpcXdsStream<DescMessage, DescMessage>,
  | 'peer'
  | 'uris'
  | 'node'
  | 'wasRefused'
  | 'protocol'
  | 'core'
  | 'sinceMs'
  | 'deliver'
  | 'flush'
  | 'refuse'
  | 'fault'
>;

/** One stream of an Envoy: bytes to the core, its responses to the socket, never more than the peer reads. */
export class GrpcXdsStream<Request extends DescMessage, Response extends DescMessage>
  implements CallHandler, Payer
{
  readonly peer: string;
  readonly protocol: 'state-of-the-world' | 'delta';
  readonly core: StreamCore<MessageShape<Request>, MessageShape<Response>>;
  readonly sinceMs: number;
  readonly #call: GrpcCall;
  readonly #form: StreamForm<Request, Response>;
  readonly #bounds: XdsBounds;
  readonly #hooks: StreamHooks;
  node: Node | undefined;
  /** It was ended here, and told. */
  wasRefused = false;
  #blocked = false;
  #scheduled = false;
  #over = false;

  constructor(call: GrpcCall, form: StreamForm<Request, Response>, bounds: XdsBounds, hooks: StreamHooks) {
    this.peer = call.peer;
    this.protocol = form.dialect.delta ? 'delta' : 'state-of-the-world';
    this.core = new StreamCore(form.dialect, bounds.patienceMs);
    this.sinceMs = monotonicMs();
    this.#call = call;
    this.#form = form;
    this.#bounds = bounds;
    this.#hooks = hooks;
  }

  /** That the Envoy's certificate is for; undefined: plain text. */
  get uris(): readonly string[] | undefined {
    return this.#call.uris;
  }

  message(bytes: Buffer): void {
    runFor(this, () => this.#receive(bytes));
  }

  halfClosed(): void {
    this.#call.end();
  }

  drained(): void {
    this.#blocked = false;
    this.flush();
  }

  closed(): void {
    // The server has told what was wrong with its bytes.
    if (this.#call.problem !== undefined) this.wasRefused = true;
    runFor(this, () => this.#finish());
  }

  /** Something of ours threw: this stream ends, and its Envoy keeps what it has until it comes again. */
  fault(thrown: unknown): void {
    try {
      this.refuse(INTERNAL, `${toError(thrown).message} [${REQUEST_FAULT}]`);
    } catch {
      this.#over = true;
    }
  }

  deliver(snapshot: Snapshot): void {
    this.core.snapshot = snapshot;
    this.flush();
  }

  /** A peer that does not read gets no more until it does: at most one response of each type waits for it. */
  flush(): void {
    runFor(this, () => this.#flush());
  }

  #flush(): void {
    if (this.#over || this.#blocked) return;
    for (const response of this.core.responses(monotonicMs())) {
      if (!this.#call.send([this.#bytesOf(response)])) this.#blocked = true;
    }
  }

  #bytesOf(response: MessageShape<Response>): Buffer {
    const { buffer, byteOffset, byteLength } = toBinary(this.#form.response, response);
    return Buffer.from(buffer, byteOffset, byteLength);
  }

  refuse(code: number, reason: string): void {
    if (this.#over) return;
    this.wasRefused = true;
    this.#hooks.refused(this, reason);
    this.#call.end({ code, message: reason });
    this.#finish();
  }

  #receive(bytes: Uint8Array): void {
    if (this.#over) return;
    let request: MessageShape<Request> & DiscoveryMessage;
    try {
      request = fromBinary(this.#form.request, bytes) as MessageShape<Request> & DiscoveryMessage;
    } catch (error) {
      const reason = `${bytes.length} bytes that are no ${this.#form.request.typeName}: ${(error as Error).message}`;
      this.refuse(INVALID_ARGUMENT, reason);
      return;
    }
    if (this.node === undefined && !this.#begin(request.node)) return;
    const type = typeOfUrl(request.typeUrl);
    if (type === undefined) {
      this.#hooks.unsupported(this, request.typeUrl);
      return;
    }
    for (const event of this.core.receive(type, request)) this.#report(event);
    if (this.core.size > this.#bounds.maxNames) {
      this.refuse(RESOURCE_EXHAUSTED, `it asks for more than ${this.#bounds.maxNames} names`);
      return;
    }
    this.#schedule();
  }

  /** "Only the first message on a stream is guaranteed to carry the node identifier" (DiscoveryRequest.node). */
  #begin(node: Node | undefined): boolean {
    if (node === undefined || node.id === '') {
      this.refuse(INVALID_ARGUMENT, 'the first request has no node.id');
      return false;
    }
    this.node = node;
    const admitted = this.#hooks.admit(this, node);
    if ('refused' in admitted) {
      this.refuse(admitted.code, admitted.refused);
      return false;
    }
    if (admitted.snapshot !== undefined) this.core.snapshot = admitted.snapshot;
    return true;
  }

  #report(event: StreamEvent): void {
    if (event.kind === 'stale') this.#hooks.stale(this, event.type);
    else this.#hooks.answered(this.node!, event);
  }

  /** Requests that came together are answered together. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    runSoonFor(this, () => {
      this.#scheduled = false;
      this.flush();
    });
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#hooks.closed(this);
  }
}
