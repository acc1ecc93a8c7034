import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { fromBinary } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { monotonicMs, type Payer, REQUEST_FAULT, runFor, runSoonFor, toError } from '../../kernel/index.ts';
import type { Node } from '../gen/envoy/config/core/v3/base_pb.ts';
import type { XdsBounds } from './bounds.ts';
import type { Dialect, StreamEvent } from './dialect.ts';
import type { Snapshot } from './snapshot.ts';
import { StreamCore } from './stream-core.ts';
import { typeOfUrl, type XdsType } from './types.ts';

interface DiscoveryMessage {
  readonly node?: Node;
  readonly typeUrl: string;
}

/** What a stream needs of grpc-js's ServerDuplexStream; requests come as bytes. */
export interface Call<Response> {
  readonly metadata: { get(key: string): readonly (string | Buffer)[] };
  getPeer(): string;
  write(response: Response): boolean;
  end(): void;
  on(event: 'data', listener: (bytes: Uint8Array) => void): unknown;
  on(event: 'end' | 'cancelled' | 'drain' | 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  emit(event: 'error', error: { readonly code: number; readonly details: string }): unknown;
}

export interface StreamHooks {
  /** The first request names its node: why it is refused, or what it is to know, if that is there yet. */
  readonly admit: (
    stream: XdsStream,
    node: Node,
  ) => { readonly snapshot: Snapshot | undefined } | { readonly refused: string; readonly code: status };
  readonly answered: (node: Node, event: Exclude<StreamEvent, { kind: 'stale' }>) => void;
  readonly stale: (stream: XdsStream, type: XdsType) => void;
  readonly unsupported: (stream: XdsStream, typeUrl: string) => void;
  readonly refused: (stream: XdsStream, reason: string) => void;
  readonly closed: (stream: XdsStream) => void;
}

/** One stream without its form of the protocol. */
export type XdsStream = Pick<
  GrpcXdsStream<DescMessage, unknown>,
  'peer' | 'node' | 'wasRefused' | 'protocol' | 'core' | 'sinceMs' | 'deliver' | 'flush' | 'refuse' | 'fault'
>;

/** One stream of an Envoy: bytes to the core, its responses to the socket, never more than the peer reads. */
export class GrpcXdsStream<Request extends DescMessage, Response> implements Payer {
  readonly peer: string;
  readonly protocol: 'state-of-the-world' | 'delta';
  readonly core: StreamCore<MessageShape<Request>, Response>;
  readonly sinceMs: number;
  readonly #call: Call<Response>;
  readonly #schema: Request;
  readonly #bounds: XdsBounds;
  readonly #hooks: StreamHooks;
  node: Node | undefined;
  /** It was ended here, and told. */
  wasRefused = false;
  #blocked = false;
  #scheduled = false;
  #over = false;

  constructor(
    call: Call<Response>,
    schema: Request,
    dialect: Dialect<MessageShape<Request>, Response>,
    bounds: XdsBounds,
    hooks: StreamHooks,
  ) {
    this.peer = call.getPeer();
    this.protocol = dialect.delta ? 'delta' : 'state-of-the-world';
    this.core = new StreamCore(dialect, bounds.patienceMs);
    this.sinceMs = monotonicMs();
    this.#call = call;
    this.#schema = schema;
    this.#bounds = bounds;
    this.#hooks = hooks;
    call.on('data', bytes => runFor(this, () => this.#receive(bytes)));
    call.on('drain', () => {
      this.#blocked = false;
      this.flush();
    });
    const finish = () => runFor(this, () => this.#finish());
    call.on('end', () => {
      this.#call.end();
      finish();
    });
    call.on('cancelled', finish);
    call.on('close', finish);
    call.on('error', finish);
  }

  /** Something of ours threw: this stream ends, and its Envoy keeps what it has until it comes again. */
  fault(thrown: unknown): void {
    try {
      this.refuse(status.INTERNAL, `${toError(thrown).message} [${REQUEST_FAULT}]`);
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
      if (!this.#call.write(response)) this.#blocked = true;
    }
  }

  refuse(code: status, reason: string): void {
    if (this.#over) return;
    this.wasRefused = true;
    this.#hooks.refused(this, reason);
    this.#call.emit('error', { code, details: reason });
    this.#finish();
  }

  #receive(bytes: Uint8Array): void {
    if (this.#over) return;
    let request: MessageShape<Request> & DiscoveryMessage;
    try {
      request = fromBinary(this.#schema, bytes) as MessageShape<Request> & DiscoveryMessage;
    } catch (error) {
      const reason = `${bytes.length} bytes that are no ${this.#schema.typeName}: ${(error as Error).message}`;
      this.refuse(status.INVALID_ARGUMENT, reason);
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
      this.refuse(status.RESOURCE_EXHAUSTED, `it asks for more than ${this.#bounds.maxNames} names`);
      return;
    }
    this.#schedule();
  }

  /** "Only the first message on a stream is guaranteed to carry the node identifier" (DiscoveryRequest.node). */
  #begin(node: Node | undefined): boolean {
    if (node === undefined || node.id === '') {
      this.refuse(status.INVALID_ARGUMENT, 'the first request has no node.id');
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
