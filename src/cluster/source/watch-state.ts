import { advice, type Failure } from './api-failure.ts';
import { backoffMs } from './backoff.ts';

/** What to do next for one kind (of one namespace). */
export type Phase =
  | { readonly name: 'discovering' }
  | {
      readonly name: 'listing';
      readonly version: string;
      /** Objects of a page; 0 for all at once. */
      readonly limit: number;
      /** Of the page before; absent for the first one. */
      readonly continue?: string;
    }
  | { readonly name: 'watching'; readonly version: string; readonly resourceVersion: string }
  | { readonly name: 'waiting'; readonly ms: number; readonly next: Exclude<Phase, { name: 'waiting' }> };

export interface WatchState {
  readonly phase: Phase;
  /** In a row. */
  readonly failures: number;
  /** What the cluster has of this kind is known: all objects, or that it does not serve it, or that they must not be read. */
  readonly settled: boolean;
  /** What is wrong now; a kind that is not served is no failure. */
  readonly trouble?: Failure;
}

export type WatchInput =
  /** The version that is served of those that are read. */
  | { readonly type: 'discovered'; readonly version: string | undefined }
  | { readonly type: 'page'; readonly resourceVersion: string; readonly continue?: string }
  /** The API server has taken up the watch. */
  | { readonly type: 'opened' }
  /** An object or a bookmark of the watch. */
  | { readonly type: 'progress'; readonly resourceVersion: string }
  /** The watch ended without an error, as it does every few minutes. */
  | { readonly type: 'closed' }
  | { readonly type: 'failed'; readonly failure: Failure }
  | { readonly type: 'waited' };

/**
 * Objects of a page. As client-go's pager; pages are served from etcd or from the API server's cache, and neither has to hold
 * all objects of a kind at once.
 */
const PAGE_LIMIT = 500;
/** A kind that is not served is looked for so often. */
const LOOK_AGAIN_MS = 10_000;

export const INITIAL: WatchState = { phase: { name: 'discovering' }, failures: 0, settled: false };

/**
 * List, then watch from there; a watch that ends is taken up where it stopped, and only when the API server has forgotten that
 * place is all listed again (Kubernetes API concepts, "Efficient detection of changes" and "410 Gone responses").
 * @param random from 0 to 1
 */
export function advance(state: WatchState, input: WatchInput, random: number): WatchState {
  const { phase, failures, settled } = state;
  switch (input.type) {
    case 'discovered':
      return input.version === undefined
        ? {
            phase: { name: 'waiting', ms: LOOK_AGAIN_MS * (0.5 + random / 2), next: { name: 'discovering' } },
            failures: 0,
            settled: true,
          }
        : { ...state, phase: firstPage(input.version) };
    case 'page': {
      if (phase.name !== 'listing') return state;
      const { version, limit } = phase;
      return input.continue === undefined
        ? {
            phase: { name: 'watching', version, resourceVersion: input.resourceVersion },
            failures,
            settled: true,
          }
        : { phase: { name: 'listing', version, limit, continue: input.continue }, failures, settled };
    }
    case 'opened':
      return { phase, failures, settled };
    case 'progress':
      if (phase.name !== 'watching') return state;
      return { phase: { ...phase, resourceVersion: input.resourceVersion }, failures: 0, settled };
    case 'closed':
      if (phase.name !== 'watching') return state;
      // One that is closed at once, again and again, is asked for less and less often.
      return { ...waiting(phase, failures + 1, random), settled };
    case 'failed': {
      const next = afterFailure(phase, input.failure);
      const wait = waiting(next, failures + 1, random, input.failure.retryAfterMs);
      // A kind that must not be read at the start holds up nothing else. One that was read keeps its objects.
      const isKnown = settled || input.failure.kind === 'forbidden';
      return { ...wait, settled: isKnown, trouble: input.failure };
    }
    case 'waited':
      return phase.name === 'waiting' ? { ...state, phase: phase.next } : state;
  }
}

type Action = Exclude<Phase, { name: 'waiting' }>;

function firstPage(version: string, limit = PAGE_LIMIT): Action {
  return { name: 'listing', version, limit };
}

function waiting(
  next: Action,
  failures: number,
  random: number,
  atLeastMs = 0,
): { phase: Phase; failures: number } {
  return { phase: { name: 'waiting', ms: Math.max(atLeastMs, backoffMs(failures, random)), next }, failures };
}

/** What is tried after the wait. */
function afterFailure(phase: Phase, failure: Failure): Action {
  if (phase.name === 'waiting') return phase.next;
  if (phase.name === 'discovering') return phase;
  switch (advice(failure)) {
    case 'discover':
      return { name: 'discovering' };
    case 'list':
      // Of a list whose pages outlive what etcd remembers, all is asked for at once, as client-go's pager does.
      return firstPage(
        phase.version,
        phase.name === 'listing' && phase.continue !== undefined ? 0 : PAGE_LIMIT,
      );
    case 'smaller':
      return firstPage(
        phase.version,
        phase.name === 'listing' ? Math.max(1, (phase.limit || PAGE_LIMIT) >> 2) : PAGE_LIMIT,
      );
    case 'again':
      // A page is asked for again with its token: the pages before it are kept.
      return phase;
  }
}
