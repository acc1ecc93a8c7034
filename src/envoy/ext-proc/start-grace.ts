import type { EndpointTable } from '../../picker/index.ts';

/**
 * After a start the picker does not know what an earlier one had let go and is still in flight. Until that must have
 * ended, what model servers report beyond the picker's own requests counts in the limits too. Other people's requests
 * at the same servers cannot be told from them; the time is bounded for that.
 */
export class StartGrace {
  readonly #table: EndpointTable;
  readonly #slots: Int32Array;
  readonly #untilMs: number;
  #over = false;

  /** @param untilMs monotonic */
  constructor(table: EndpointTable, slots: Int32Array, untilMs: number) {
    this.#table = table;
    this.#slots = slots;
    this.#untilMs = untilMs;
  }

  /** Requests at the model servers that this picker did not send there. */
  foreign(nowMs: number): number {
    if (this.#over) return 0;
    let foreign = 0;
    let known = true;
    for (const slot of this.#slots) {
      const ageMs = this.#table.ageMs(slot, nowMs);
      if (!Number.isFinite(ageMs)) {
        known = false;
        continue;
      }
      const reported = this.#table.running(slot) + this.#table.waiting(slot);
      foreign += Math.max(0, reported - this.#table.inFlightAtScrape(slot));
    }
    // They only become fewer: nobody but this picker lets new ones go.
    this.#over = nowMs >= this.#untilMs || (known && foreign === 0);
    return this.#over ? 0 : foreign;
  }
}
