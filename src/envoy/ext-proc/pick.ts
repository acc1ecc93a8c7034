import {
  ALL_UNHEALTHY,
  type Footprint,
  NO_ENDPOINTS,
  type PickOutcome,
  type PickRequest,
  SHED,
  UNPICKED_REASONS,
} from '../../picker/index.ts';
import { type Decision, type LocalReply, NO_HEALTHY_UPSTREAM, SHED_REPLY } from '../../request/index.ts';
import type { Desk } from './desk.ts';
import { subsetRows, type Target } from './target.ts';

export type Picked =
  | {
      readonly kind: 'picked';
      /** In the whole pool. */
      readonly index: number;
      /** `ADDRESS:PORT`, then those to try after it, by commas. */
      readonly destination: string;
      readonly footprint: Footprint;
    }
  | { readonly kind: 'none'; readonly reply: LocalReply };

/** What an external picker says. */
export type Placed = Extract<PickOutcome, { kind: 'placed' }>;

/**
 * Our own pick among the pool's endpoints, or those that the gateway allows.
 * @param decision receives what was weighed, and why nothing was picked
 */
export function pickEndpoint(
  { picker, bounds }: Desk,
  { rows: all }: Target,
  subset: readonly string[] | undefined,
  request: PickRequest,
  decision: Decision,
  nowMs: number,
): Picked {
  const { rows, indexes } =
    subset === undefined ? { rows: all, indexes: undefined } : subsetRows(all, subset);
  const result = picker.pick(rows, request, NOBODY, nowMs, bounds.maxFallbacks);
  const { index: picked, runnerUp, fallbacks, footprint, entry } = result;
  decision.pick = entry;
  decision.runnerUp = runnerUp === -1 ? undefined : rows.endpoints[runnerUp];
  if (picked === SHED || picked === ALL_UNHEALTHY || picked === NO_ENDPOINTS) {
    decision.verdict = picked === SHED ? 'shed' : 'none';
    decision.reason =
      picked === NO_ENDPOINTS && subset !== undefined ? NONE_ALLOWED : (UNPICKED_REASONS[picked] as string);
    return { kind: 'none', reply: picked === SHED ? SHED_REPLY : NO_HEALTHY_UPSTREAM };
  }
  let destination = rows.endpoints[picked] as string;
  for (const other of fallbacks) destination += `,${rows.endpoints[other]}`;
  const index = indexes === undefined ? picked : (indexes[picked] as number);
  return { kind: 'picked', index, destination, footprint };
}

const NONE_ALLOWED = 'the gateway allows none of the endpoints of the pool';
/** A gateway asks once: it goes down the list of endpoints by itself. */
const NOBODY: readonly number[] = [];

/** The decision about a request that has come, kept for `explain`. */
export function newDecision(desk: Desk, { cluster, rows }: Target, requestId: string): Decision {
  const decision: Decision = {
    requestId: requestId === '' ? desk.newRequestId() : requestId,
    atMs: desk.wallClock(),
    ...(cluster === undefined ? {} : { cluster }),
    pool: rows.pool.name,
    verdict: 'pending',
    candidates: [],
  };
  desk.decisions.add(decision);
  desk.began(decision);
  return decision;
}
