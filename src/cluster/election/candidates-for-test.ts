import type { Lease } from '../leases/lease.ts';
import {
  type Answer,
  type ElectionOptions,
  type ElectionState,
  LEASE_TIMES,
  leadsUntilMs,
  type Request,
  STARTED,
  step,
} from './election.ts';

/** A Lease in an API server: every write names the version that it replaces. */
export class ModelServer {
  lease: Lease | undefined;
  #version = 0;

  serve(request: Request): Answer {
    const { lease } = this;
    switch (request.do) {
      case 'read':
        return lease === undefined ? { type: 'missing' } : { type: 'found', lease };
      case 'create':
        return lease === undefined ? this.#write(request.record) : { type: 'conflict' };
      case 'update':
        return lease?.version === request.version ? this.#write(request.record) : { type: 'conflict' };
    }
  }

  #write(record: Lease['record']): Answer {
    this.lease = { version: String(++this.#version), record };
    return { type: 'written', lease: this.lease };
  }
}

/** One process: its state, and its request on the way there or back. */
export class Candidate {
  state: ElectionState = STARTED;
  readonly options: ElectionOptions;
  /** Its wall clock and its monotonic clock begin anywhere. */
  wallOffsetMs = 0;
  readonly monotonicOffsetMs: number;
  request: Request | undefined;
  answer: Answer | undefined;

  constructor(name: string, token: string, monotonicOffsetMs = 0) {
    this.options = { ...LEASE_TIMES, identity: name, token };
    this.monotonicOffsetMs = monotonicOffsetMs;
  }

  take(event: Parameters<typeof step>[1], timeMs: number): void {
    const before = 'sent' in this.state ? this.state.sent : undefined;
    const now = {
      ms: timeMs + this.monotonicOffsetMs,
      wallMs: Date.UTC(2026, 0) + timeMs + this.wallOffsetMs,
    };
    this.state = step(this.state, event, now, this.options);
    const sent = 'sent' in this.state ? this.state.sent : undefined;
    if (sent !== before) this.request = sent?.request;
  }

  /** Sends what there is to send, and takes the answers, until there is nothing to do now. */
  settle(server: ModelServer, timeMs: number): void {
    for (
      this.take({ type: 'tick' }, timeMs);
      this.request !== undefined;
      this.take({ type: 'tick' }, timeMs)
    ) {
      const { request } = this;
      this.request = undefined;
      this.take(server.serve(request), timeMs);
    }
  }

  leads(timeMs: number): boolean {
    return timeMs + this.monotonicOffsetMs < leadsUntilMs(this.state);
  }
}

export const pair = () => [new Candidate('a', 'token-a'), new Candidate('b', 'token-b', 1_000_000)] as const;
