import {
  monotonicMs,
  type Payer,
  REQUEST_FAULT,
  startTimerFor,
  stopTimer,
  type Timer,
} from '../../kernel/index.ts';
import type { HeaderMutation } from '../../plan/index.ts';
import type { ExternalPicking } from '../../request/index.ts';
import {
  type CallHandler,
  type GrpcCall,
  INTERNAL,
  INVALID_ARGUMENT,
  PERMISSION_DENIED,
  UNAVAILABLE,
} from '../../wire/index.ts';
import { FAULT_ANSWER } from './fault.ts';
import type { PickerReply, ProxyMessage } from './message.ts';
import { MODEL_METADATA, ModelCall } from './model-call.ts';
import type { PickContext } from './pick-context.ts';
import { PickStream } from './pick-stream.ts';
import type { PoolTarget } from './pool-target.ts';
import { Relay } from './relay.ts';
import type { Waiting } from './stream-state.ts';
import { decodeMessage } from './wire/decode.ts';
import { encodeReply } from './wire/encode.ts';
import { framedReplies } from './wire/framed-replies.ts';

/** gRPC metadata of a stream: the Cluster.name whose limits its request counts in. Set by our own Envoy configuration. */
const CLUSTER_HEADER = 'x-breakwater-cluster';

export const PROCESS_PATH = '/envoy.service.ext_proc.v3.ExternalProcessor/Process';

export interface ProcessOptions {
  readonly context: PickContext;
  /** @param cluster what {@link CLUSTER_HEADER} says; undefined without it */
  readonly targetOf: (cluster: string | undefined) => PoolTarget | undefined;
  /** Whether a client whose certificate is for these URIs may ask about the cluster. Default: who is let in may ask about all. */
  readonly mayAsk?: (uris: readonly string[], cluster: string) => boolean;
  /** It may not, and did. */
  readonly onTrespass?: () => void;
  readonly onBadInput: (peer: string, reason: string) => void;
}

/** envoy.service.ext_proc.v3.ExternalProcessor/Process: a stream is one request of a gateway. */
export function processMethod({ context, targetOf, mayAsk, onTrespass, onBadInput }: ProcessOptions) {
  return (call: GrpcCall): CallHandler => {
    const models = call.headers[MODEL_METADATA];
    if (typeof models === 'string') return new ModelCall(call, context, models.split(','), onBadInput);
    const value = call.headers[CLUSTER_HEADER];
    const cluster = typeof value === 'string' ? value : undefined;
    const target = targetOf(cluster);
    if (target === undefined) {
      const reason = `${cluster === undefined ? 'the pool' : `the cluster ${cluster}`} is not known here`;
      onBadInput(call.peer, reason);
      call.end({ code: UNAVAILABLE, message: reason });
      return IDLE;
    }
    if (call.uris !== undefined && mayAsk?.(call.uris, cluster ?? '') === false) {
      const pool = target.choice.pool.name;
      const reason = `the cluster ${cluster} of pool ${pool} is not one of the Gateway that its certificate is for: ${call.uris.join(', ') || 'none'}`;
      onTrespass?.();
      onBadInput(call.peer, reason);
      call.end({ code: PERMISSION_DENIED, message: reason });
      return IDLE;
    }
    // Another picker holds the pool's permits, or this one does not know yet what is in flight.
    const nowMs = monotonicMs();
    if (!target.ownership.grants(nowMs)) {
      call.end({ code: UNAVAILABLE, message: `the permits of ${target.choice.pool.name} are not held here` });
      return IDLE;
    }
    return new ProcessCall(call, context, target, onBadInput, nowMs);
  };
}

/**
 * Where an Envoy has several workers, the end of a request and the begin of the next come by different connections, and the next may come first:
 * a refusal waits so long for an end that is on its way. A client that asks again at once is not refused for its own last request.
 */
const SETTLE_MS = 2;

/** One stream: bytes in and out, for a {@link PickStream}. */
class ProcessCall implements CallHandler, Payer {
  readonly #call: GrpcCall;
  readonly #context: PickContext;
  readonly #stream: PickStream;
  readonly #target: PoolTarget;
  readonly #onBadInput: ProcessOptions['onBadInput'];
  readonly #relay: Relay | undefined;
  /** Messages that wait: for an end that is on its way, for a step, or for an external picker. */
  #waiting: ProxyMessage[] | undefined;
  #timer: Timer | undefined;
  #halfClosed = false;
  /** The response goes to the client: nothing can be said in its place any more. */
  #responding = false;
  /** The message with the response's headers, for an external picker. */
  #responseHead: Buffer | undefined;

  constructor(
    call: GrpcCall,
    context: PickContext,
    target: PoolTarget,
    onBadInput: ProcessOptions['onBadInput'],
    nowMs: number,
  ) {
    this.#call = call;
    this.#context = context;
    this.#stream = new PickStream(context, target, nowMs, this);
    this.#target = target;
    this.#onBadInput = onBadInput;
    this.#relay = target.external && new Relay(target.external);
  }

  message(bytes: Buffer): void {
    try {
      this.#take(bytes);
    } catch (thrown) {
      this.fault(thrown);
    }
  }

  halfClosed(): void {
    this.#halfClosed = true;
    if (this.#waiting === undefined) this.#call.end();
  }

  closed(): void {
    stopTimer(this.#timer);
    this.#waiting = undefined;
    try {
      this.#relay?.end();
    } finally {
      this.#stream.end(monotonicMs());
    }
  }

  /** Something of ours threw: this request pays for it, and nothing else does, the model server least of all. */
  fault(thrown: unknown): void {
    this.#context.faults.tell('a request', thrown, this.#stream.requestId);
    this.#waiting = undefined;
    this.#stream.fault(thrown, this.#responding);
    if (this.#responding) this.#call.end({ code: INTERNAL, message: REQUEST_FAULT });
    else this.#send([FAULT_ANSWER]);
  }

  #take(bytes: Buffer): void {
    const message = decodeMessage(bytes);
    if (message.kind === 'malformed') {
      const reason = `no ProcessingRequest: ${message.reason}`;
      this.#onBadInput(this.#call.peer, reason);
      this.#call.end({ code: INVALID_ARGUMENT, message: reason });
      return;
    }
    if (message.kind === 'request-headers') this.#relay?.head(bytes);
    if (message.kind === 'response-headers' && this.#relay !== undefined) this.#responseHead = bytes;
    if (this.#waiting !== undefined) {
      this.#waiting.push(message);
      return;
    }
    const nowMs = monotonicMs();
    if (this.#mustWait(nowMs)) this.#waiting = [message];
    else this.#answer(message, nowMs);
  }

  /** A refusal waits once for an end that is on its way. */
  #mustWait(nowMs: number): boolean {
    if (this.#timer !== undefined || !this.#stream.wouldOverflow(nowMs)) return false;
    this.#timer = startTimerFor(this, SETTLE_MS, () => this.#goOn());
    return true;
  }

  /** What the request waits for is there. */
  goesOn(): void {
    try {
      this.#goesOnWith(this.#stream.goOn(monotonicMs()));
    } catch (thrown) {
      this.fault(thrown);
    }
  }

  #goesOnWith(replies: readonly PickerReply[]): void {
    this.#send(replies);
    const { waiting } = this.#stream;
    if (waiting === undefined) this.#goOn();
    else this.#waitFor(waiting);
  }

  /** What comes is kept until that is there. */
  #waitFor(waiting: Waiting): void {
    this.#waiting ??= [];
    const asks = waiting.for === 'ask';
    const ms = asks ? (this.#target.external as ExternalPicking).client.parts.pickTimeoutMs : waiting.waitMs;
    this.#call.send([encodeReply({ kind: 'more-time', ms: ms + SLACK_MS })]);
    if (asks)
      this.#relay?.ask(
        waiting.body,
        outcome => this.#goesOnWith(this.#stream.pickedElsewhere(outcome, monotonicMs())),
        this,
      );
  }

  #goOn(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const [i, message] of waiting.entries()) {
      const nowMs = monotonicMs();
      if (this.#mustWait(nowMs)) {
        this.#waiting = waiting.slice(i);
        return;
      }
      this.#answer(message, nowMs);
      // It waits again: what has come meanwhile comes after it.
      if (this.#queue(waiting.slice(i + 1))) return;
    }
    if (this.#halfClosed) this.#call.end();
  }

  /** @returns whether something is waited for: then they are kept until it comes */
  #queue(messages: readonly ProxyMessage[]): boolean {
    this.#waiting?.push(...messages);
    return this.#waiting !== undefined;
  }

  #answer(message: ProxyMessage, nowMs: number): void {
    const replies = this.#stream.receive(message, nowMs);
    const { waiting } = this.#stream;
    if (waiting !== undefined) {
      this.#waitFor(waiting);
      return;
    }
    if (message.kind === 'response-headers' && this.#waitsForResponse(message.status, replies)) return;
    this.#send(replies);
  }

  /** An external picker is told of the response, and may change its headers before they go on. */
  #waitsForResponse(status: number, replies: readonly PickerReply[]): boolean {
    const head = this.#responseHead;
    if (head === undefined || this.#relay === undefined) return false;
    this.#responseHead = undefined;
    const waits = this.#relay.responded(head, status, this.#stream.endpoint, changes => {
      this.#send(changes === undefined ? replies : replies.map(reply => withChanges(reply, changes)));
      this.#goOn();
    });
    if (waits) this.#waiting = [];
    return waits;
  }

  #send(replies: readonly PickerReply[]): void {
    if (replies.length === 0) return;
    this.#call.sendFramed(framedReplies(replies));
    const last = replies[replies.length - 1] as PickerReply;
    if (last.kind === 'immediate') this.#call.end();
    else if (last.kind === 'response-headers') this.#responding = true;
    else if (last.kind === 'continue' && last.phase === 'response-headers') this.#responding = true;
  }
}

function withChanges(reply: PickerReply, changes: HeaderMutation): PickerReply {
  if (reply.kind === 'response-headers') return { ...reply, changes };
  return reply.kind === 'continue' && reply.phase === 'response-headers'
    ? { kind: 'response-headers', set: [], changes }
    : reply;
}

/** Envoy waits a little longer than we do: it is for us to say what then. */
const SLACK_MS = 1000;

const IDLE: CallHandler = { message: () => {}, halfClosed: () => {}, closed: () => {} };
