/**
 * A request that was let go to an endpoint without an answer for so long is there by now: on its way it has a pick's answer, a
 * connection and a machine that may be busy.
 */
export const ARRIVAL_MS = 1000;

/** A request of this picker's, on its way to an endpoint or there. */
export interface SentRequest {
  slot: number;
  sentAtMs: number;
  /** Infinity before its answer begins. */
  answeredAtMs: number;
}

/** The requests of this picker that are in flight, by table row. */
export class SentRequests {
  readonly #bySlot = new Map<number, Set<SentRequest>>();

  add(slot: number, nowMs: number): SentRequest {
    const request = { slot, sentAtMs: nowMs, answeredAtMs: Number.POSITIVE_INFINITY };
    this.#put(request);
    return request;
  }

  /** Another endpoint has it. */
  move(request: SentRequest, slot: number, nowMs: number): void {
    this.delete(request);
    request.slot = slot;
    request.sentAtMs = nowMs;
    this.#put(request);
  }

  delete(request: SentRequest): void {
    const there = this.#bySlot.get(request.slot);
    there?.delete(request);
    if (there?.size === 0) this.#bySlot.delete(request.slot);
  }

  /** How many of those that are still in flight the endpoint surely had at a time: what it said then had them in it. */
  surelyThere(slot: number, atMs: number): number {
    let count = 0;
    for (const { sentAtMs, answeredAtMs } of this.#bySlot.get(slot) ?? [])
      if (answeredAtMs <= atMs || sentAtMs + ARRIVAL_MS <= atMs) count++;
    return count;
  }

  #put(request: SentRequest): void {
    const there = this.#bySlot.get(request.slot);
    if (there === undefined) this.#bySlot.set(request.slot, new Set([request]));
    else there.add(request);
  }
}
