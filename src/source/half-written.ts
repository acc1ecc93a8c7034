/** A file that has become empty keeps its last objects for so long: a writer that saves in place empties it first, and may wait for a disk or a network. */
const EMPTY_DELAY_MS = 10_000;
/** As long for one that has become shorter in place, in a way that takes something away. */
const CUT_DELAY_MS = 3_000;

/** What is to be known of a file, as it was read and as it is. */
export interface FileText {
  readonly text: string;
  /** Which file it is, not how it is called: one that is renamed into place is whole. */
  readonly identity: string;
}

/** Files that look as if somebody were still writing them: an empty or half-written file is no deletion. */
export class HalfWritten {
  readonly #seen = new Map<string, { readonly text: string; readonly sinceMs: number }>();

  /**
   * For how many milliseconds the last good state still counts; 0: what is there now counts.
   * @param loses whether objects would go
   */
  delayMs(
    path: string,
    now: FileText,
    before: FileText | undefined,
    loses: () => boolean,
    nowMs: number,
  ): number {
    const delayMs = before === undefined ? 0 : delayOf(now, before, loses);
    if (delayMs === 0) {
      this.#seen.delete(path);
      return 0;
    }
    const seen = this.#seen.get(path);
    // A writer that goes on has time from its last word on.
    if (seen?.text !== now.text) this.#seen.set(path, { text: now.text, sinceMs: nowMs });
    const left = (seen?.text === now.text ? seen.sinceMs : nowMs) + delayMs - nowMs;
    if (left <= 0) this.#seen.delete(path);
    return Math.max(0, left);
  }

  /** Of files that are not there any more nothing is kept. */
  keep(paths: ReadonlySet<string>): void {
    for (const path of this.#seen.keys()) if (!paths.has(path)) this.#seen.delete(path);
  }
}

function delayOf(now: FileText, before: FileText, loses: () => boolean): number {
  if (isEmpty(now.text)) return isEmpty(before.text) ? 0 : EMPTY_DELAY_MS;
  if (now.identity !== before.identity || now.text.length >= before.text.length) return 0;
  const isCut =
    before.text.startsWith(now.text) || (before.text.endsWith('\n') && !now.text.endsWith('\n')) || loses();
  return isCut ? CUT_DELAY_MS : 0;
}

export function isEmpty(text: string): boolean {
  return text.trim() === '';
}
