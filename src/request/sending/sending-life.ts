import type { RetryPolicy } from '../../plan/index.ts';
import type { Action } from '../action.ts';
import { noteTry } from '../decision-draft.ts';
import { CANCELLED, outcomeText, type TryOutcome } from '../endpoint/endpoint-choice.ts';
import { RequestLife } from '../life.ts';
import { NO_ROOM } from '../replies.ts';
import type { Target } from '../request-target.ts';
import { type Repeatable, Retries } from './retries.ts';
import { backoffMs, retriesFailure, retriesStatus } from './retry-rules.ts';
import { type FailureKind, failureReply, isUnreachable, type StaleConnection } from './sending-failure.ts';
import type { TimeLimit } from './time-limit.ts';

const NOT_REPEATABLE: Repeatable = { method: '', whole: false };

/** A request that a plane of ours sends by itself: it may be sent again, there or elsewhere, until the client has seen of an answer. */
export class SendingLife extends RequestLife {
  override tried: number[] = [];
  #policy: RetryPolicy | undefined;
  #sent: Repeatable = NOT_REPEATABLE;
  /** Made when something has failed. */
  #retries: Retries | undefined;
  /** The client sees of an answer. */
  #responds = false;
  /** What its endpoint did was noted. */
  #observed = false;
  #settled = false;

  /** Sent anew on a connection of its own. */
  get sentAnew(): boolean {
    return this.#retries?.sentAnew === true;
  }

  /** How it may be sent again. */
  repeats(policy: RetryPolicy | undefined, sent: Repeatable): void {
    this.#policy = policy;
    this.#sent = sent;
  }

  /** The head of an answer has come. */
  answered(status: number, nowMs: number): Action {
    const outcome: TryOutcome = { kind: 'status', status };
    const policy = this.#policy;
    if (policy !== undefined && retriesStatus(policy, status) && this.#again(policy, outcome, nowMs))
      return 'wait';
    this.#observe(outcome, nowMs);
    return 'pass';
  }

  /** The answer was that the endpoint does not have the model. */
  lacksModel(status: number, nowMs: number): Action {
    this.noteAbsent(nowMs);
    return this.#elsewhere({ kind: 'status', status }, nowMs) ?? 'pass';
  }

  /** The client sees of its answer from now on. */
  responds(status: number): void {
    this.#responds = true;
    this.draft.status = status;
  }

  /** The connection is both sides' own from now on. */
  upgraded(nowMs: number): void {
    this.#observe({ kind: 'status', status: 101 }, nowMs);
    this.#retries?.release();
  }

  /** No answer came, or not all of it. */
  failed(kind: FailureKind, detail: string, stale: StaleConnection, nowMs: number): Action {
    const unreachable = isUnreachable(kind);
    const outcome: TryOutcome = { kind: 'failure', failure: kind, unreachable };
    if (this.#responds) {
      this.draft.reason = `the response broke off: ${kind}: ${detail}`;
      this.settle(outcome, nowMs);
      return 'break-off';
    }
    if (stale !== 'no' && this.#retrying().anew(stale, this.#sent)) {
      noteTry(this.draft, 'connection given up');
      return 'send-anew';
    }
    const next = unreachable ? this.#elsewhere(outcome, nowMs) : undefined;
    if (next !== undefined) return next;
    const policy = this.#policy;
    if (
      policy !== undefined &&
      retriesFailure(policy, kind, !unreachable) &&
      this.#again(policy, outcome, nowMs)
    )
      return 'wait';
    this.draft.reason = `${kind}: ${detail}`;
    const { retried } = this.#retrying();
    this.settle(outcome, nowMs);
    return this.says(failureReply(kind, retried));
  }

  /** The time of {@link waitMs} is over. */
  again(nowMs: number): Action {
    return this.place(nowMs);
  }

  /** A limit of its route, or of its client's connection, ends it. */
  timedOut({ outcome, reply, reason }: TimeLimit, nowMs: number): Action {
    const isPlaced = this.draft.verdict === 'picked';
    if (!isPlaced) this.draft.verdict = 'replied';
    this.draft.reason = `timeout: ${reason}`;
    this.settle(outcome, nowMs);
    return this.#responds ? 'break-off' : this.says(reply);
  }

  /** There is no room for more of its body, of which some may have been sent. */
  override starves(): Action {
    if (!this.#responds) return super.starves();
    this.draft.reason = NO_ROOM;
    return 'break-off';
  }

  /** The answer is whole; what it held is free before its client can know. */
  whole(nowMs: number): void {
    try {
      this.#retries?.release();
    } finally {
      try {
        this.held.leave();
      } finally {
        this.gone(nowMs);
      }
    }
  }

  /** Its endpoint works for it no more, or need not. @param outcome what that says of it */
  settle(outcome: TryOutcome, nowMs: number): void {
    if (this.#settled) return;
    this.#settled = true;
    try {
      this.#leave(outcome, nowMs);
    } finally {
      this.#retries?.release();
    }
  }

  override ended(status: number | undefined, nowMs: number): void {
    try {
      this.settle(CANCELLED, nowMs);
    } finally {
      super.ended(status, nowMs);
    }
  }

  #retrying(): Retries {
    const { scope } = this.aim as Target;
    this.#retries ??= new Retries(this.parts.limits, scope, this.#policy);
    return this.#retries;
  }

  /** There or elsewhere after a while, if a policy allows it. */
  #again(policy: RetryPolicy, outcome: TryOutcome, nowMs: number): boolean {
    const retries = this.#retrying();
    if (!retries.again(this.#sent)) return false;
    this.#drop(outcome, nowMs);
    this.waitMs = backoffMs(policy, retries.before, this.parts.random());
    return true;
  }

  /** At once, where nothing was sent and another endpoint is left. */
  #elsewhere(outcome: TryOutcome, nowMs: number): Action | undefined {
    const { choice } = this.aim as Target;
    if (!this.#retrying().elsewhere(this.tried.length, choice.addresses.length)) return undefined;
    this.#drop(outcome, nowMs);
    return this.place(nowMs);
  }

  /** This try has failed, and another one follows. */
  #drop(outcome: TryOutcome, nowMs: number): void {
    noteTry(this.draft, outcomeText(outcome));
    this.#leave(outcome, nowMs);
    this.#observed = false;
  }

  #leave(outcome: TryOutcome, nowMs: number): void {
    try {
      if (this.held.counted && (!this.#responds || outcome.kind === 'failure')) this.#observe(outcome, nowMs);
    } finally {
      this.held.leave();
    }
  }

  #observe(outcome: TryOutcome, nowMs: number): void {
    if (outcome.kind === 'status' && this.#observed) return;
    this.#observed = true;
    this.observe(outcome, nowMs);
  }
}
