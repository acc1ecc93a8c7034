/**
 * Looks for stop strings in a text that comes in pieces. Text that could be the beginning of one is held back; vLLM holds back the
 * length of the longest stop string less one.
 */
export class StopScan {
  readonly #stop: readonly string[];
  readonly #include: boolean;
  readonly #withheld: number;
  #text = '';
  #shown = 0;
  /** The stop string that was met. */
  found: string | undefined;

  constructor(stop: readonly string[], include: boolean) {
    this.#stop = stop;
    this.#include = include;
    this.#withheld = include ? 0 : Math.max(0, ...stop.map(text => text.length - 1));
  }

  /** @returns what may be shown now. */
  add(piece: string, mayStop: boolean): string {
    if (this.#stop.length === 0) return piece;
    const before = this.#text.length;
    this.#text += piece;
    if (mayStop) {
      for (const stop of this.#stop) {
        // Only a match that ends in the new piece is new.
        const at = this.#text.indexOf(stop, Math.max(0, before - stop.length + 1));
        if (at < 0) continue;
        this.found = stop;
        this.#text = this.#text.slice(0, this.#include ? at + stop.length : at);
        break;
      }
    }
    return this.#show(this.found === undefined ? this.#text.length - this.#withheld : this.#text.length);
  }

  /** What was held back, at the end. */
  rest(): string {
    return this.#show(this.#text.length);
  }

  #show(end: number): string {
    if (end <= this.#shown) return '';
    const text = this.#text.slice(this.#shown, end);
    this.#shown = end;
    return text;
  }
}
