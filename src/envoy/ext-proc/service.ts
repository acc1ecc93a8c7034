import { monotonicMs } from '../../limits/index.ts';
import { INTERNAL, INVALID_ARGUMENT, UNAVAILABLE } from '../../wire/grpc-status.ts';
import type { CallHandler, GrpcCall } from '../grpc/call.ts';
import type { Desk } from './desk.ts';
import type { ProxyMessage } from './message.ts';
import { PickStream } from './stream.ts';
import type { Target } from './target.ts';
import { decodeMessage } from './wire/decode.ts';
import { encodeReply } from './wire/encode.ts';

/** gRPC metadata of a stream: the Cluster.name whose limits its request counts in. Set by our own Envoy configuration. */
const CLUSTER_HEADER = 'x-breakwater-cluster';

export const PROCESS_PATH = '/envoy.service.ext_proc.v3.ExternalProcessor/Process';

export interface ProcessOptions {
  readonly desk: Desk;
  /** @param cluster what {@link CLUSTER_HEADER} says; undefined without it */
  readonly targetOf: (cluster: string | undefined) => Target | undefined;
  readonly onBadInput: (peer: string, reason: string) => void;
}

/** envoy.service.ext_proc.v3.ExternalProcessor/Process: a stream is one request of a gateway. */
export function processMethod({ desk, targetOf, onBadInput }: ProcessOptions) {
  return (call: GrpcCall): CallHandler => {
    const value = call.headers[CLUSTER_HEADER];
    const cluster = typeof value === 'string' ? value : undefined;
    const target = targetOf(cluster);
    if (target === undefined) {
      const reason = `${cluster === undefined ? 'the pool' : `the cluster ${cluster}`} is not known here`;
      onBadInput(call.peer, reason);
      call.end({ code: UNAVAILABLE, message: reason });
      return IDLE;
    }
    return new ProcessCall(call, new PickStream(desk, target, monotonicMs()), onBadInput);
  };
}

/**
 * Where an Envoy has several workers, the end of a request and the begin of the next come by different connections, and the next may come first:
 * a refusal waits so long for an end that is on its way. A client that asks again at once is not refused for its own last request.
 */
const SETTLE_MS = 2;

/** One stream: bytes in and out, for a {@link PickStream}. */
class ProcessCall implements CallHandler {
  readonly #call: GrpcCall;
  readonly #stream: PickStream;
  readonly #onBadInput: ProcessOptions['onBadInput'];
  /** Messages that wait, once in a stream's life. */
  #waiting: ProxyMessage[] | undefined;
  #timer: NodeJS.Timeout | undefined;
  #halfClosed = false;

  constructor(call: GrpcCall, stream: PickStream, onBadInput: ProcessOptions['onBadInput']) {
    this.#call = call;
    this.#stream = stream;
    this.#onBadInput = onBadInput;
  }

  message(bytes: Buffer): void {
    const message = decodeMessage(bytes);
    if (message.kind === 'malformed') {
      const reason = `no ProcessingRequest: ${message.reason}`;
      this.#onBadInput(this.#call.peer, reason);
      this.#call.end({ code: INVALID_ARGUMENT, message: reason });
    } else if (this.#timer === undefined && this.#stream.wouldOverflow(monotonicMs())) {
      this.#waiting = [message];
      this.#timer = setTimeout(() => this.#settled(), SETTLE_MS);
    } else if (this.#waiting === undefined) this.#answer(message);
    else this.#waiting.push(message);
  }

  halfClosed(): void {
    this.#halfClosed = true;
    if (this.#waiting === undefined) this.#call.end();
  }

  closed(): void {
    clearTimeout(this.#timer);
    this.#waiting = undefined;
    this.#stream.end(monotonicMs());
  }

  #settled(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    try {
      for (const message of waiting) this.#answer(message);
      if (this.#halfClosed) this.#call.end();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#onBadInput(this.#call.peer, reason);
      this.#call.end({ code: INTERNAL, message: reason });
    }
  }

  #answer(message: ProxyMessage): void {
    const replies = this.#stream.receive(message, monotonicMs());
    if (replies.length === 0) return;
    this.#call.send(replies.map(encodeReply));
    if (replies[replies.length - 1]?.kind === 'immediate') this.#call.end();
  }
}

const IDLE: CallHandler = { message: () => {}, halfClosed: () => {}, closed: () => {} };
