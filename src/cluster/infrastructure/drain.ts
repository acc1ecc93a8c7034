import { durationMs } from '../../api/index.ts';
import type { ProxySpec } from './proxy-spec.ts';

/** Envoy Gateway's defaults. */
const DRAIN_TIMEOUT_MS = 60_000;
const MIN_DRAIN_MS = 10_000;
/** A Pod may take so much longer than its drain. */
const GRACE_SECONDS = 300;
/** Of that, what Envoy takes to end itself. */
const END_SECONDS = 5;

/** How long an Envoy of a Pod that is to end serves on, as its EnvoyProxy's `shutdown` says. */
export interface DrainTimes {
  /** Before it, nothing ends: Services still lead here. */
  readonly minimumMs: number;
  /** After it, connections without a request do not count any more. */
  readonly idleMs: number;
  /** After it, nothing counts: as long as a Pod of Envoy Gateway may take. */
  readonly longestSeconds: number;
  /** core/v1 terminationGracePeriodSeconds. */
  readonly graceSeconds: number;
}

export function drainTimes({ shutdown }: ProxySpec): DrainTimes {
  const drainMs = durationMs(shutdown?.drainTimeout ?? '') ?? DRAIN_TIMEOUT_MS;
  const minimumMs = durationMs(shutdown?.minDrainDuration ?? '') ?? MIN_DRAIN_MS;
  const idleMs = Math.max(drainMs, minimumMs);
  const graceSeconds = Math.ceil(idleMs / 1000) + GRACE_SECONDS;
  return { minimumMs, idleMs, longestSeconds: graceSeconds - END_SECONDS, graceSeconds };
}
