import type { EndpointTable } from '../../endpoints/index.ts';
import { ARRIVAL_MS, type SentRequests } from './sent-requests.ts';

export interface PredecessorTimes {
  /** Monotonic: from then on nobody but this picker lets requests go. */
  readonly sinceMs: number;
  /** By then what was let go before has ended. */
  readonly untilMs: number;
}

/**
 * After a start the picker does not know what an earlier one had let go and is still in flight. Until that must have
 * ended, what model servers report beyond the picker's own requests counts in the limits too. It is never less than what is there:
 * of its own requests only those are taken off that the model server surely had when it was asked. Other people's requests
 * at the same servers cannot be told from them; the time is bounded for that.
 */
export class PredecessorRequests {
  readonly #table: EndpointTable;
  readonly #slots: Int32Array;
  readonly #requests: SentRequests;
  readonly #times: PredecessorTimes;
  /** When each endpoint was asked for what is known of it; 0: not yet. */
  readonly #askedAtMs: Float64Array;
  readonly #foreign: Int32Array;
  #over = false;

  constructor(table: EndpointTable, slots: Int32Array, requests: SentRequests, times: PredecessorTimes) {
    this.#table = table;
    this.#slots = slots;
    this.#requests = requests;
    this.#times = times;
    this.#askedAtMs = new Float64Array(slots.length);
    this.#foreign = new Int32Array(slots.length);
  }

  /** Requests at the model servers that this picker did not send there. */
  foreign(nowMs: number): number {
    if (this.#over) return 0;
    let foreign = 0;
    let known = true;
    for (let i = 0; i < this.#slots.length; i++) {
      this.#look(i);
      known &&= this.#hasAll(i);
      foreign += this.#foreign[i] as number;
    }
    this.#over = nowMs >= this.#times.untilMs || (known && foreign === 0);
    return this.#over ? 0 : foreign;
  }

  #look(index: number): void {
    const slot = this.#slots[index] as number;
    const askedAtMs = this.#table.askedAtMs(slot);
    if (askedAtMs === this.#askedAtMs[index]) return;
    const reported = this.#table.running(slot) + this.#table.waiting(slot);
    const most = Math.max(0, reported - this.#requests.surelyThere(slot, askedAtMs));
    // They only become fewer, once the last of them has arrived.
    this.#foreign[index] = this.#hasAll(index) ? Math.min(most, this.#foreign[index] as number) : most;
    this.#askedAtMs[index] = askedAtMs;
  }

  /** What is known of an endpoint has all in it that was let go by others. */
  #hasAll(index: number): boolean {
    return (this.#askedAtMs[index] as number) >= this.#times.sinceMs + ARRIVAL_MS;
  }
}
