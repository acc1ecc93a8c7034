import { type Lease, type LeaseRecord, microTime } from '../leases/lease.ts';

/**
 * Leader election on a Lease, by the rules of client-go's `tools/leaderelection`, as a function of its state, what has
 * happened and a monotonic clock. Each candidate reads the Lease every retryPeriod; it writes itself in where nobody holds
 * it or the record has run out; the holder writes again every retryPeriod.
 *
 * Two never lead by their own view, however late answers come and whatever wall clocks say: one that leads does so until
 * renewDeadline after it *sent* its last write that succeeded; one that follows waits for leaseDuration, which is longer,
 * after it *received* the record that it sees unchanged; and every write names the resourceVersion that it replaces.
 * This cannot guard against somebody deleting the Lease before a newcomer looks, nor against a machine that sleeps (its
 * monotonic clock then stands still): what a leader writes names the resourceVersion that it saw as well.
 */
export interface ElectionOptions {
  /** LeaseSpec.holderIdentity: for people. */
  readonly identity: string;
  /** Random, of this process. */
  readonly token: string;
  readonly leaseDurationMs: number;
  /** Below leaseDurationMs: by the difference, the clocks of two machines may drift apart in the time of one lease. */
  readonly renewDeadlineMs: number;
  readonly retryPeriodMs: number;
  /**
   * Who follows counts the time of a Lease from the last read that failed: an API server that was away for everybody changes no leader,
   * who is back sooner than a Lease lasts. Not client-go's rule; a takeover while reads fail is that much later.
   */
  readonly waitsAfterFailure?: boolean;
}

/** The defaults of client-go's users (kube-controller-manager's `--leader-elect-lease-duration` and so on). */
export const LEASE_TIMES = {
  leaseDurationMs: 15_000,
  renewDeadlineMs: 10_000,
  retryPeriodMs: 2_000,
} as const;

/** Of one that carries traffic or grants permits: another takes over within 5 s, and there is room for a renewal that is lost. */
export const CARRIER_TIMES = { leaseDurationMs: 3000, renewDeadlineMs: 2000, retryPeriodMs: 750 } as const;

/** A request to the API server: answered by one event. */
export type Request =
  | { readonly do: 'read' }
  | { readonly do: 'create'; readonly record: LeaseRecord }
  | { readonly do: 'update'; readonly record: LeaseRecord; readonly version: string };

export type Answer =
  /** Of a read: the Lease, or that there is none. */
  | { readonly type: 'found'; readonly lease: Lease }
  | { readonly type: 'missing' }
  /** Of a write: the Lease as it is now. */
  | { readonly type: 'written'; readonly lease: Lease }
  /** Of a write: somebody wrote, made or deleted it meanwhile. */
  | { readonly type: 'conflict' }
  /** Of either: whether it was done is not known. */
  | { readonly type: 'failed' };

export type ElectionEvent = Answer | { readonly type: 'tick' } | { readonly type: 'stop' };

/** The Lease as it was last read or written, and when it was first seen just so. */
interface Seen {
  readonly lease: Lease;
  readonly atMs: number;
  /** It may have changed since, or it is not there any more: read before writing. */
  readonly stale: boolean;
}

interface Sent {
  readonly request: Request;
  readonly atMs: number;
}

export type ElectionState =
  | {
      readonly phase: 'running';
      readonly seen: Seen | undefined;
      /** By its own view it leads until then. */
      readonly leadsUntilMs: number;
      /** The next tick does something; while a request is out, its answer does. */
      readonly wakeAtMs: number;
      readonly sent: Sent | undefined;
    }
  /** Does not lead any more, and lets others know. */
  | { readonly phase: 'releasing'; readonly sent: Sent }
  | { readonly phase: 'stopped' };

type Running = Extract<ElectionState, { phase: 'running' }>;

/** Monotonic, and the wall clock that records carry. */
export interface Now {
  readonly ms: number;
  readonly wallMs: number;
}

const NEVER = Number.NEGATIVE_INFINITY;

export const STARTED: Extract<ElectionState, { phase: 'running' }> = {
  phase: 'running',
  seen: undefined,
  leadsUntilMs: NEVER,
  wakeAtMs: NEVER,
  sent: undefined,
};

/** Until when this one leads by its own view, on the monotonic clock; -Infinity: it does not. */
export function leadsUntilMs(state: ElectionState): number {
  return state.phase === 'running' ? state.leadsUntilMs : NEVER;
}

/** One step. A state with a new `sent` has a request for the shell to make. */
export function step(
  state: ElectionState,
  event: ElectionEvent,
  now: Now,
  options: ElectionOptions,
): ElectionState {
  switch (state.phase) {
    case 'stopped':
      return state;
    case 'releasing':
      return stepReleasing(state, event, now, options);
    case 'running':
      return stepRunning(state, event, now, options);
  }
}

function stepRunning(
  state: Running,
  event: ElectionEvent,
  now: Now,
  options: ElectionOptions,
): ElectionState {
  const { seen, sent } = state;
  const idle: Running = { ...state, sent: undefined };
  const wait = (more: Partial<Running>): Running => ({ ...idle, ...more });
  const later = now.ms + options.retryPeriodMs;
  switch (event.type) {
    case 'tick': {
      if (sent !== undefined || now.ms < state.wakeAtMs) return state;
      const ours = seen !== undefined && !seen.stale && isOurs(seen.lease.record, options);
      return send(state, ours ? write(seen.lease, now, options) : { do: 'read' }, now);
    }
    case 'found': {
      const atMs = seen?.lease.version === event.lease.version ? seen.atMs : now.ms;
      const found = { lease: event.lease, atMs, stale: false };
      if (isOurs(event.lease.record, options))
        return send(wait({ seen: found }), write(event.lease, now, options), now);
      const freeAtMs = freeAt(found, options);
      const other = wait({ seen: found, leadsUntilMs: NEVER });
      return now.ms >= freeAtMs
        ? send(other, write(event.lease, now, options), now)
        : { ...other, wakeAtMs: Math.min(later, freeAtMs) };
    }
    case 'missing': {
      // Who saw another hold it waits as if it were still there.
      const heldUntilMs =
        seen === undefined || isOurs(seen.lease.record, options) ? NEVER : freeAt(seen, options);
      return now.ms >= heldUntilMs
        ? send(idle, { do: 'create', record: acquired(undefined, now, options) }, now)
        : wait({ wakeAtMs: Math.min(later, heldUntilMs) });
    }
    case 'written': {
      const sentAtMs = sent?.atMs ?? NEVER;
      return wait({
        seen: { lease: event.lease, atMs: now.ms, stale: false },
        leadsUntilMs: sentAtMs + options.renewDeadlineMs,
        wakeAtMs: Math.max(now.ms, sentAtMs + options.retryPeriodMs),
      });
    }
    case 'conflict':
    case 'failed': {
      // One that leads has no time to lose, but a server that refuses everything is not asked without a pause.
      const wakeAtMs = event.type === 'conflict' && now.ms < state.leadsUntilMs ? now.ms : later;
      const counts = event.type === 'failed' && sent?.request.do === 'read' && options.waitsAfterFailure;
      return wait({ seen: seen && { ...seen, ...(counts && { atMs: now.ms }), stale: true }, wakeAtMs });
    }
    case 'stop':
      if (sent !== undefined) return { phase: 'releasing', sent };
      return seen !== undefined && !seen.stale && isOurs(seen.lease.record, options)
        ? { phase: 'releasing', sent: { request: release(seen.lease, now), atMs: now.ms } }
        : { phase: 'stopped' };
  }
}

/** The last request before the stop may have made this one the holder: that is taken back. */
function stepReleasing(
  state: Extract<ElectionState, { phase: 'releasing' }>,
  event: ElectionEvent,
  now: Now,
  options: ElectionOptions,
): ElectionState {
  if (event.type === 'tick' || event.type === 'stop') return state;
  const lease = event.type === 'written' || event.type === 'found' ? event.lease : undefined;
  return lease !== undefined && isOurs(lease.record, options)
    ? { phase: 'releasing', sent: { request: release(lease, now), atMs: now.ms } }
    : { phase: 'stopped' };
}

function send(state: Running, request: Request, now: Now): Running {
  return { ...state, sent: { request, atMs: now.ms } };
}

/** Whether this process wrote it. */
export function isOurs({ holder, token }: LeaseRecord, options: Pick<ElectionOptions, 'token'>): boolean {
  return holder !== '' && token === options.token;
}

/** When others may take it: at once after a release, else once it was seen unchanged for as long as its holder asked for. */
function freeAt({ lease: { record }, atMs }: Seen, { leaseDurationMs }: ElectionOptions): number {
  if (record.holder === '') return NEVER;
  return atMs + (record.durationMs > 0 ? record.durationMs : leaseDurationMs);
}

function write({ record, version }: Lease, now: Now, options: ElectionOptions): Request {
  const renewed = { ...record, durationMs: options.leaseDurationMs, renewedAt: microTime(now.wallMs) };
  return {
    do: 'update',
    record: isOurs(record, options) ? renewed : acquired(record, now, options),
    version,
  };
}

function acquired(before: LeaseRecord | undefined, { wallMs }: Now, options: ElectionOptions): LeaseRecord {
  return {
    holder: options.identity,
    token: options.token,
    durationMs: options.leaseDurationMs,
    acquiredAt: microTime(wallMs),
    renewedAt: microTime(wallMs),
    transitions: before === undefined ? 0 : before.transitions + 1,
  };
}

/** As client-go releases: no holder, and the shortest duration that LeaseSpec allows. */
function release({ record, version }: Lease, { wallMs }: Now): Request {
  const released = { ...record, holder: '', token: '', durationMs: 1000, renewedAt: microTime(wallMs) };
  return { do: 'update', record: released, version };
}
