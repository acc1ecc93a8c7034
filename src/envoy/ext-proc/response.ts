import type { Footprint } from '../../picker/index.ts';
import { type Decision, overflowHeaders } from '../../request/index.ts';
import type { Desk } from './desk.ts';
import type { Hold } from './hold.ts';
import type { ResponseHeaders } from './message.ts';
import { meaningOf } from './outcome.ts';
import type { Target } from './target.ts';

/** A request that was let go. */
export interface Sent {
  readonly decision: Decision;
  /** In the pool, of the endpoint that has it. */
  readonly index: number;
  readonly hold: Hold | undefined;
  /** The client may be told names. */
  readonly operator: boolean;
  /** What it leaves at the endpoint that serves it; undefined where an external picker placed it. */
  readonly footprint: Footprint | undefined;
}

export interface Noted {
  /** In the pool, of the endpoint that has it now. */
  readonly index: number;
  /** To be added to the response's headers: name, value, … */
  readonly set: readonly string[];
}

const NOTHING: readonly string[] = [];
/** What an endpoint is taken to have said where another had to serve in its place, and nobody says why: it cools. */
const NOT_NOW = 503;

/** What the head of a response says of the endpoint that was asked. */
export function noteResponse(
  desk: Desk,
  target: Target,
  sent: Sent,
  { status, served, outcome }: ResponseHeaders,
  nowMs: number,
): Noted {
  const { decision } = sent;
  const { breaker } = target;
  if (status !== 0) decision.status = status;
  const index = moved(target, sent, served ?? outcome?.upstream, nowMs);
  if (index !== sent.index) {
    if (served === undefined) breaker.answered(sent.index, NOT_NOW, nowMs);
    else breaker.failed(sent.index, true, nowMs);
  }
  const meaning = meaningOf(outcome);
  switch (meaning.kind) {
    case 'answered':
      sent.hold?.answered(nowMs);
      if (status !== 0) breaker.answered(index, status, nowMs);
      if (sent.footprint !== undefined && status >= 200 && status < 300)
        desk.picker.learn(target.rows.slots[index] as number, sent.footprint, nowMs);
      return { index, set: NOTHING };
    case 'failed':
      breaker.failed(index, meaning.unreachable, nowMs);
      decision.reason = `Envoy: ${meaning.words}`;
      return { index, set: NOTHING };
    case 'local':
      decision.reason = `Envoy: ${meaning.words}`;
      return { index, set: NOTHING };
    case 'overflow':
      return { index, set: refusedByEnvoy(desk, target, sent, meaning.limit) };
  }
}

/** The gateway went on to another endpoint of the list: the picked one did not serve. */
function moved(
  { rows }: Target,
  { decision, index, hold }: Sent,
  served: string | undefined,
  nowMs: number,
): number {
  if (served === undefined || served === decision.endpoint) return index;
  const other = rows.endpoints.indexOf(served);
  if (other === -1) return index;
  (decision.tries ??= []).push({ endpoint: decision.endpoint ?? '', outcome: 'failed' });
  decision.endpoint = served;
  hold?.move(rows.slots[other] as number, nowMs);
  return other;
}

/** A threshold that each Envoy holds by itself: the client is told of it as of ours. */
function refusedByEnvoy(
  { limits }: Desk,
  { scope }: Target,
  { decision, operator }: Sent,
  limit: 'maxPendingRequests' | 'maxParallelRequests',
): readonly string[] {
  decision.verdict = 'overflow';
  decision.reason = "Envoy's own limit";
  if (scope === undefined) return NOTHING;
  const { max, ...overflow } = limits.overflow(scope, limit);
  decision.permit = { scope: scope.name, granted: false, limit, inUse: max, max };
  return overflowHeaders({ ...overflow, inUse: max, max }, operator);
}
