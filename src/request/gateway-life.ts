import { noteTry } from './decision-draft.ts';
import { RequestLife } from './life.ts';
import { overflowHeaders } from './local-reply.ts';
import type { Target } from './request-target.ts';
import { type FailureKind, isUnreachable } from './sending/sending-failure.ts';
import type { TimeLimit } from './sending/time-limit.ts';

const NOTHING: readonly string[] = [];
/** What an endpoint is taken to have said where another had to serve in its place, and nobody says why: it cools. */
const NOT_NOW = 503;

/** A request that a gateway sends: it goes down the list of endpoints by itself, and tells what came of it. */
export class GatewayLife extends RequestLife {
  /** It was let go. */
  get placed(): boolean {
    return this.index !== -1;
  }

  /** `ADDRESS:PORT`, then those to try after it, by commas. */
  get destination(): string {
    const { addresses } = (this.aim as Target).choice;
    let text = addresses[this.index]?.id ?? '';
    for (const index of this.fallbacks) text += `,${addresses[index]?.id}`;
    return text;
  }

  /**
   * The client is told this status.
   * @param served `ADDRESS:PORT` of who was asked last, where that is known
   * @param unreachable no connection could be made to those that were asked before
   */
  said(status: number, served: string | undefined, unreachable: boolean, nowMs: number): void {
    if (status !== 0) this.draft.status = status;
    const before = this.index;
    const { choice } = this.aim as Target;
    const other = served === undefined ? -1 : choice.addresses.findIndex(({ id }) => id === served);
    if (other === -1 || other === before) return;
    noteTry(this.draft, 'failed');
    this.draft.endpoint = served as string;
    this.held.move(other, nowMs);
    if (unreachable)
      choice.observed(
        before,
        { kind: 'failure', failure: 'connect-failure', unreachable: true },
        undefined,
        nowMs,
      );
    else choice.observed(before, { kind: 'status', status: NOT_NOW }, undefined, nowMs);
    this.index = other;
  }

  /** The endpoint has answered. */
  answered(status: number, nowMs: number): void {
    this.held.answered(nowMs);
    if (status !== 0) this.observe({ kind: 'status', status }, nowMs);
  }

  /** The body of its answer says that the endpoint does not have the model. */
  lacksModel(nowMs: number): void {
    this.noteAbsent(nowMs);
    this.draft.reason = 'the endpoint does not have the model';
  }

  /** It could not be reached, or broke off. @param words the gateway's */
  failed(kind: FailureKind, words: string, nowMs: number): void {
    this.observe({ kind: 'failure', failure: kind, unreachable: isUnreachable(kind) }, nowMs);
    this.draft.reason = `${kind}: Envoy: ${words}`;
  }

  /**
   * A limit of its route has ended it before its answer began.
   * @returns what the client is told beside the gateway's answer: name, value, …
   */
  timedOut({ outcome, reason, said }: TimeLimit, nowMs: number): readonly string[] {
    this.observe(outcome, nowMs);
    this.draft.reason = `timeout: ${reason}`;
    return said;
  }

  /** The gateway answers by itself, which says nothing of any endpoint. */
  notes(words: string): void {
    this.draft.reason = `Envoy: ${words}`;
  }

  /**
   * A threshold that each gateway holds by itself had no room.
   * @returns what the client is told of it, as of ours: name, value, …
   */
  refusedByGateway(limit: 'maxPendingRequests' | 'maxParallelRequests'): readonly string[] {
    this.draft.verdict = 'overflow';
    this.draft.reason = "Envoy's own limit";
    const { scope } = this.aim as Target;
    if (scope === undefined) return NOTHING;
    const { max, ...overflow } = this.parts.limits.overflow(scope, limit);
    this.draft.permit = { scope: scope.name, granted: false, limit, inUse: max, max };
    return overflowHeaders({ ...overflow, inUse: max, max }, this.asker.toOperator);
  }

  /** Its stream has ended, and with it all that the gateway did for it. */
  override ended(status: number | undefined, nowMs: number): void {
    try {
      super.ended(status, nowMs);
    } finally {
      this.gone(nowMs);
    }
  }
}
