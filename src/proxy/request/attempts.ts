import { monotonicMs, startTimerFor } from '../../kernel/index.ts';
import type { LimitName } from '../../limits/index.ts';
import type { Footprint } from '../../picker/index.ts';
import type { RetryPolicy } from '../../plan/index.ts';
import {
  type Address,
  backoffMs,
  type ChoiceRequest,
  type Decision,
  type FailureKind,
  failureReply,
  type LocalReply,
  NO_HEALTHY_UPSTREAM,
  outcomeText,
  Retries,
  retriesFailure,
  retriesStatus,
  SHED_REPLY,
  type StaleConnection,
  type TryOutcome,
} from '../../request/index.ts';
import type { RequestContext } from '../context.ts';
import type { ResponseHead } from '../http1/response-head.ts';
import type { UpstreamConnection } from '../upstream/connection.ts';
import type { ResponseFraming, TryEvents } from '../upstream/try-events.ts';
import { UpstreamTry } from '../upstream/upstream-try.ts';
import type { AttemptEvents } from './attempt-events.ts';
import type { Upload } from './first-write.ts';
import { type HeldNotFound, holdNotFound } from './held-not-found.ts';
import { HeldPermit } from './held-permit.ts';
import type { Forward } from './resolve.ts';
import { tryOptions } from './try-options.ts';

/** The tries of one request: choice of an endpoint, permit, retries. Whatever it holds is given back exactly once. */
export class Attempts implements TryEvents {
  readonly #context: RequestContext;
  readonly #forward: Forward;
  readonly #decision: Decision;
  readonly #events: AttemptEvents;
  #choice: ChoiceRequest | undefined;
  #upload: Upload | undefined;
  readonly #permit: HeldPermit;
  #try: UpstreamTry | undefined;
  /** Of the endpoint that is tried. */
  #index = -1;
  #footprint: Footprint | undefined;
  /** The endpoint has this request in its count. */
  #counted = false;
  readonly #tried: number[] = [];
  #address: Address | undefined;
  readonly #retries: Retries;
  #backoff: NodeJS.Timeout | undefined;
  #responding = false;
  #held: HeldNotFound | undefined;
  #over = false;

  constructor(context: RequestContext, forward: Forward, decision: Decision, events: AttemptEvents) {
    this.#context = context;
    this.#forward = forward;
    this.#decision = decision;
    this.#events = events;
    this.#permit = new HeldPermit(context.limits, forward.cluster, decision, events);
    this.#retries = new Retries(context.limits, forward.cluster.scope, forward.route.retry);
  }

  get started(): boolean {
    return this.#choice !== undefined;
  }

  /** The upstream connection takes a body that is streamed. */
  get stream(): UpstreamTry | undefined {
    return this.#try;
  }

  /** An event may be put into the answer: the client has read whole ones. */
  get betweenEvents(): boolean {
    return this.#try?.betweenEvents === true;
  }

  /** The answer to a request that is sure to be refused now, before its body has been read. */
  refusal(): LocalReply | undefined {
    return this.#permit.refusal();
  }

  start(choice: ChoiceRequest, upload: Upload): void {
    this.#choice = choice;
    this.#upload = upload;
    this.#next();
  }

  /** The request is over: all is given back. @param outcome what that says of the endpoint */
  end(outcome: TryOutcome): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#backoff);
    this.#held?.stop();
    try {
      this.#endTry(outcome);
    } finally {
      this.#retries.release();
      // Until the server has seen that nobody waits, it may still be at work.
      if (this.#try === undefined) this.#permit.release();
      else this.#try.cancel(() => this.#permit.release());
    }
  }

  /** The endpoint that answers has made a response. */
  madeResponse(id: string): void {
    this.#forward.cluster.choice.madeResponse?.(this.#index, id, monotonicMs());
  }

  pause(): void {
    this.#try?.pause();
  }

  resume(): void {
    this.#try?.resume();
  }

  // TryEvents

  admit(): boolean {
    const reply = this.#permit.take();
    if (reply === undefined) return true;
    this.#giveUp({ kind: 'cancelled' }, reply);
    return false;
  }

  refused(limit: LimitName): void {
    this.#giveUp({ kind: 'cancelled' }, this.#permit.refused(limit));
  }

  sent(): void {
    this.#events.sent();
  }

  response(head: ResponseHead, framing: ResponseFraming): void {
    const outcome: TryOutcome = { kind: 'status', status: head.status };
    const { retry } = this.#forward.route;
    if (retry !== undefined && retriesStatus(retry, head.status) && this.#retry(retry, outcome)) return;
    this.#observe(outcome);
    this.#held = holdNotFound(head, framing, this.#footprint, this.#upload?.whole === true);
    if (this.#held === undefined) this.#respond(head, framing);
    else this.#held.wait(this, () => this.#letGo(false));
  }

  ended(): void {
    this.#retries.release();
    this.#permit.release();
    this.#leave();
  }

  data(bytes: Buffer | undefined, end: boolean): void {
    if (this.#over) return;
    if (this.#held !== undefined) {
      if (!this.#held.push(bytes) || end) this.#letGo(end);
      return;
    }
    if (end) this.#over = true;
    this.#events.data(bytes, end);
  }

  flush(): void {
    if (this.#responding) this.#events.flush();
  }

  drained(): void {
    this.#events.drained();
  }

  upgraded(head: ResponseHead, connection: UpstreamConnection, rest: Buffer | undefined): void {
    this.#observe({ kind: 'status', status: head.status });
    this.#retries.release();
    this.#responding = true;
    this.#events.upgraded(head, connection, rest);
  }

  failed(kind: FailureKind, detail: string, stale: StaleConnection): void {
    const outcome: TryOutcome = { kind: 'failure', failure: kind };
    this.#letGo(false);
    if (this.#responding) {
      this.#decision.reason = `the response broke off: ${kind}: ${detail}`;
      this.end(outcome);
      this.#events.brokeOff();
      return;
    }
    if (stale !== 'no' && this.#sendAnew(stale)) return;
    const { retry } = this.#forward.route;
    const sentAny = kind !== 'connect-failure' && kind !== 'connect-timeout';
    if (!sentAny && this.#goElsewhere(outcome)) return;
    if (retry !== undefined && retriesFailure(retry, kind, sentAny) && this.#retry(retry, outcome)) return;
    this.#decision.reason = `${kind}: ${detail}`;
    this.#giveUp(outcome, failureReply(kind, this.#retries.retried));
  }

  fault(thrown: unknown): void {
    this.#events.fault(thrown);
  }

  // Its own steps

  #respond(head: ResponseHead, framing: ResponseFraming): void {
    this.#responding = true;
    this.#events.response(head, framing);
  }

  /** What was held, as far as it has come, goes to the client; of a model that is not there another endpoint is asked first. */
  #letGo(end: boolean): void {
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    held.stop();
    if (end && held.saysModelAbsent) {
      this.#forward.cluster.choice.lacks(this.#index, this.#footprint as Footprint, monotonicMs());
      if (this.#goElsewhere({ kind: 'status', status: held.head.status })) return;
    }
    this.#respond(held.head, held.framing);
    if (end || held.body.length > 0) this.data(held.body, end);
    this.flush();
  }

  #next(): void {
    const { cluster } = this.#forward;
    const choice = this.#choice as ChoiceRequest;
    const result = cluster.choice.choose(choice, this.#tried, this.#decision, monotonicMs());
    if (result.kind !== 'picked') {
      this.#decision.verdict = result.kind;
      this.#decision.reason = result.reason;
      this.#giveUp({ kind: 'cancelled' }, result.kind === 'shed' ? SHED_REPLY : NO_HEALTHY_UPSTREAM);
      return;
    }
    this.#decision.verdict = 'picked';
    this.#decision.endpoint = result.address.id;
    this.#index = result.index;
    this.#footprint = result.footprint;
    this.#address = result.address;
    this.#tried.push(result.index);
    cluster.choice.started(result.index);
    this.#counted = true;
    this.#open(result.address);
  }

  #open(address: Address): void {
    const { cluster, route } = this.#forward;
    const upload = this.#upload as Upload;
    const options = tryOptions(upload, route, this.#context.bounds, this.#retries.sentAnew);
    this.#try = new UpstreamTry(address, cluster.connections, this, options);
    this.#try.start();
  }

  /** Tries again after a while, if that is allowed; never after the first byte of a response went to the client. */
  #retry(policy: RetryPolicy, outcome: TryOutcome): boolean {
    if (!this.#retries.again(this.#upload as Upload)) return false;
    this.#dropTry(outcome);
    const waitMs = backoffMs(policy, this.#retries.before, Math.random());
    this.#backoff = startTimerFor(this, waitMs, () => this.#next());
    return true;
  }

  #goElsewhere(outcome: TryOutcome): boolean {
    if (!this.#retries.elsewhere(this.#tried.length, this.#forward.cluster.choice.size)) return false;
    this.#dropTry(outcome);
    this.#next();
    return true;
  }

  #sendAnew(stale: 'sent' | 'unsent'): boolean {
    if (!this.#retries.anew(stale, this.#upload as Upload)) return false;
    this.#note('connection given up');
    this.#open(this.#address as Address);
    return true;
  }

  /** It failed, and another one follows. */
  #dropTry(outcome: TryOutcome): void {
    this.#note(outcomeText(outcome));
    const failed = this.#try;
    this.#endTry(outcome);
    failed?.cancel(() => {});
  }

  #note(outcome: string): void {
    (this.#decision.tries ??= []).push({ endpoint: this.#decision.endpoint ?? '', outcome });
  }

  #giveUp(outcome: TryOutcome, reply: LocalReply): void {
    this.end(outcome);
    this.#events.gaveUp(reply);
  }

  #endTry(outcome: TryOutcome): void {
    if (!this.#counted) return;
    try {
      if (!this.#responding || outcome.kind === 'failure') this.#observe(outcome);
    } finally {
      this.#leave();
    }
  }

  #observe(outcome: TryOutcome): void {
    if (outcome.kind === 'cancelled') return;
    this.#forward.cluster.choice.observed(this.#index, outcome, this.#footprint, monotonicMs());
  }

  /** The endpoint has one request less. */
  #leave(): void {
    if (!this.#counted) return;
    this.#counted = false;
    this.#forward.cluster.choice.ended(this.#index);
  }
}
