import type { RouteTimeouts } from '../../plan/index.ts';
import {
  type GatewayLife,
  maxStream,
  requestTimeout,
  streamIdle,
  type TimeLimit,
} from '../../request/index.ts';
import type { ResponseHeaders } from './message.ts';
import { type LimitedTime, meaningOf } from './outcome.ts';

const NOTHING: readonly string[] = [];

const LIMITS: Readonly<Record<LimitedTime, (ms: number) => TimeLimit>> = {
  requestMs: requestTimeout,
  streamIdleMs: streamIdle,
  maxStreamMs: maxStream,
};

/**
 * What the head of a response says of the endpoint that was asked.
 * @param timeouts of the route, where it is known
 * @returns what is added to the response's headers: name, value, …
 */
export function noteResponse(
  life: GatewayLife,
  { status, served, outcome }: ResponseHeaders,
  timeouts: RouteTimeouts | undefined,
  nowMs: number,
): readonly string[] {
  life.said(status, served ?? outcome?.upstream, served !== undefined, nowMs);
  const meaning = meaningOf(outcome);
  switch (meaning.kind) {
    case 'answered':
      life.answered(status, nowMs);
      return NOTHING;
    case 'failed':
      life.failed(meaning.failure, meaning.words, nowMs);
      return NOTHING;
    case 'timed-out': {
      const ms = timeouts?.[meaning.limit];
      if (ms !== undefined) return life.timedOut(LIMITS[meaning.limit](ms), nowMs);
      life.failed('timeout', meaning.words, nowMs);
      return NOTHING;
    }
    case 'local':
      life.notes(meaning.words);
      return NOTHING;
    case 'overflow':
      return life.refusedByGateway(meaning.limit);
  }
}
