import type { Permit } from '../../limits/index.ts';
import type { Picker } from '../../picker/index.ts';

/** What one request holds: its permit, and its place in an endpoint's count. Given back once, however it ends. */
export class Hold {
  readonly #permit: Permit | undefined;
  readonly #picker: Picker;
  /** -1: given back. */
  #slot: number;

  constructor(permit: Permit | undefined, picker: Picker, slot: number) {
    this.#permit = permit;
    this.#picker = picker;
    this.#slot = slot;
    picker.enter(slot);
  }

  /** The gateway went to another endpoint. */
  move(slot: number): void {
    if (this.#slot === -1 || slot === this.#slot) return;
    this.#picker.leave(this.#slot);
    this.#slot = slot;
    this.#picker.enter(slot);
  }

  release(nowMs: number): void {
    if (this.#slot === -1) return;
    this.#picker.leave(this.#slot);
    this.#slot = -1;
    this.#permit?.release(nowMs);
  }
}
