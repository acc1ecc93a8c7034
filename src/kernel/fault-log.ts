import { monotonicMs } from './clock.ts';
import { toError } from './guard.ts';

/** The code of what is told of a request that something of ours threw in: a row of docs/reference/errors.md. */
export const REQUEST_FAULT = 'BW_REQUEST_FAULT';

/** One line for each kind of fault in this time: what throws once throws for every request. */
const EVERY_MS = 10_000;
/** Kinds that are told apart: what is thrown may hold what a client wrote. */
const MAX_KINDS = 100;
/** The place where it was thrown, and who led there. */
const STACK_LINES = 4;
const MAX_MESSAGE = 500;
const MAX_FRAME = 200;

/** What threw while requests were served: all of it is counted, and told as far as anybody can read it. */
export class FaultLog {
  count = 0;
  readonly #write: (line: string) => void;
  readonly #now: () => number;
  #kinds = new Map<string, { untilMs: number; leftOut: number }>();

  /** @param now milliseconds that only grow */
  constructor(write: (line: string) => void, now: () => number = monotonicMs) {
    this.#write = write;
    this.#now = now;
  }

  /**
   * Never throws: whoever calls it has a request to end.
   * @param task what was being done, the same words each time
   * @param id of what it was done for
   */
  tell(task: string, thrown: unknown, id = ''): void {
    this.count++;
    try {
      const error = toError(thrown);
      const frames = framesOf(error);
      const now = this.#now();
      const kind = `${task} ${error.name} ${frames[0] ?? ''}`;
      const known = this.#kinds.get(kind);
      if (known !== undefined && now < known.untilMs) {
        known.leftOut++;
        return;
      }
      const more =
        known === undefined || known.leftOut === 0 ? '' : ` (and ${known.leftOut} times more before)`;
      if (this.#kinds.size >= MAX_KINDS) this.#kinds = new Map();
      this.#kinds.set(kind, { untilMs: now + EVERY_MS, leftOut: 0 });
      const line = [
        `${task}${id === '' ? '' : ` (${id})`}: ${error.name}: ${error.message.slice(0, MAX_MESSAGE)}`,
        ...frames,
      ].join(' < ');
      this.#write(`${line}${more} [${REQUEST_FAULT}]`);
    } catch {
      // Nobody is left to be told.
    }
  }
}

/** `at …`, the innermost first. */
function framesOf({ stack }: Error): string[] {
  if (typeof stack !== 'string') return [];
  const frames = stack.split('\n').filter(line => line.startsWith('    at '));
  return frames.slice(0, STACK_LINES).map(line => line.trim().slice(0, MAX_FRAME));
}
