/** A picker that is down fails every request: one line for each kind of trouble in this time. */
const EVERY_MS = 10_000;

/** Log lines about external pickers, each kind now and then. */
export class PickerLog {
  readonly #write: (message: string) => void;
  readonly #lines = new Map<string, { untilMs: number; leftOut: number }>();

  constructor(write: (message: string) => void) {
    this.#write = write;
  }

  /** @param picker NAMESPACE/NAME:PORT; there are as many as the plan has */
  warn(picker: string, kind: string, text: string, nowMs: number): void {
    const key = `${picker} ${kind}`;
    const line = this.#lines.get(key);
    if (line !== undefined && nowMs < line.untilMs) {
      line.leftOut++;
      return;
    }
    const more = line === undefined || line.leftOut === 0 ? '' : ` (and ${line.leftOut} times more before)`;
    this.#lines.set(key, { untilMs: nowMs + EVERY_MS, leftOut: 0 });
    this.#write(`external picker ${picker}: ${text}${more}`);
  }
}
