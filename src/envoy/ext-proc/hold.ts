import type { Permit } from '../../limits/index.ts';
import type { Picker } from '../../picker/index.ts';
import type { SentRequest, SentRequests } from './sent-requests.ts';

/** What one request holds: its permit, and its place in an endpoint's count. Given back once, however it ends. */
export class Hold {
  readonly #permit: Permit | undefined;
  readonly #picker: Picker;
  readonly #requests: SentRequests;
  readonly #request: SentRequest;
  /** -1: given back. */
  #slot: number;

  constructor(
    permit: Permit | undefined,
    picker: Picker,
    requests: SentRequests,
    slot: number,
    nowMs: number,
  ) {
    this.#permit = permit;
    this.#picker = picker;
    this.#requests = requests;
    this.#request = requests.add(slot, nowMs);
    this.#slot = slot;
    picker.enter(slot);
  }

  /** Its endpoint has begun to answer. */
  answered(nowMs: number): void {
    this.#request.answeredAtMs = Math.min(this.#request.answeredAtMs, nowMs);
  }

  /** The gateway went to another endpoint. */
  move(slot: number, nowMs: number): void {
    if (this.#slot === -1 || slot === this.#slot) return;
    this.#picker.leave(this.#slot);
    this.#requests.move(this.#request, slot, nowMs);
    this.#slot = slot;
    this.#picker.enter(slot);
  }

  release(nowMs: number): void {
    if (this.#slot === -1) return;
    const slot = this.#slot;
    this.#slot = -1;
    try {
      this.#picker.leave(slot);
      this.#requests.delete(this.#request);
    } finally {
      this.#permit?.release(nowMs);
    }
  }
}
