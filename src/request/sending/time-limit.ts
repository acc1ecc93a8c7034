import { CANCELLED, type TryOutcome } from '../endpoint/endpoint-choice.ts';
import { type LocalReply, textReply } from '../local-reply.ts';
import { failureReply } from './sending-failure.ts';

/** A limit of ours that ended a request. */
export interface TimeLimit {
  /** In words: the limit, not the server, which may be well. */
  readonly reason: string;
  /** Of a response that has not begun; the texts are Envoy's. */
  readonly reply: LocalReply;
  /** What of its headers is not Envoy's: name, value, … */
  readonly said: readonly string[];
  /** What that says of the endpoint. */
  readonly outcome: TryOutcome;
}

const NOTHING: readonly string[] = [];
const TIMED_OUT: TryOutcome = { kind: 'failure', failure: 'timeout', unreachable: false };

export function streamIdle(ms: number): TimeLimit {
  const reason = `no byte came for ${seconds(ms)} (streamIdleTimeout)`;
  return { reason, ...named(textReply(504, 'stream timeout'), 'streamIdleTimeout', ms), outcome: TIMED_OUT };
}

export function requestTimeout(ms: number): TimeLimit {
  const reason = `it took longer than the ${seconds(ms)} that its route allows (requestTimeout)`;
  return { reason, ...named(failureReply('timeout'), 'requestTimeout', ms), outcome: TIMED_OUT };
}

/** An answer that goes on is no fault of its server. */
export function maxStream(ms: number): TimeLimit {
  const reason = `it took longer than the ${seconds(ms)} that its route allows (maxStreamDuration)`;
  const reply = textReply(504, 'downstream duration timeout');
  return { reason, ...named(reply, 'maxStreamDuration', ms), outcome: CANCELLED };
}

/** A client that stopped in the middle of its body. */
export function uploadIdle(): TimeLimit {
  const reason = 'no more of the body of the request came';
  return { reason, reply: textReply(408, 'request timeout'), said: NOTHING, outcome: CANCELLED };
}

function named(reply: LocalReply, limit: string, ms: number): Pick<TimeLimit, 'reply' | 'said'> {
  const said = ['x-breakwater-reason', `limit=${limit}; max-ms=${ms}`];
  return { reply: { ...reply, headers: [...reply.headers, ...said] }, said };
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
