/** Something that threw where nothing should: what was being done, and how often in a row it failed. */
export interface Fault {
  /** What was being done, in words that a person knows: `active health check of pool default/llama`. */
  readonly task: string;
  readonly error: Error;
  /** How often in a row, this time counted. */
  readonly failures: number;
  /** When it is tried again; undefined where it is not. */
  readonly againInMs: number | undefined;
}

/** Is told of faults. It must not throw; if it does, that is dropped: a guard has nobody to tell. */
export type OnFault = (fault: Fault) => void;

/** What was thrown, as an error: anything can be thrown. */
export function toError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  let text: string;
  try {
    text = String(thrown);
  } catch {
    text = 'a value that has no text';
  }
  return new Error(text);
}

/**
 * A callback that ends nothing: what it throws, or what its promise is rejected with, is told. For whatever a timer, a
 * socket or an emitter calls, where a throw would end the process or the worker.
 */
export function guarded<Args extends readonly unknown[]>(
  task: string,
  onFault: OnFault,
  run: (...args: Args) => unknown,
): (...args: Args) => void {
  return (...args) => {
    try {
      const result = run(...args);
      if (result instanceof Promise) result.catch(thrown => tell(onFault, task, thrown, 1, undefined));
    } catch (thrown) {
      tell(onFault, task, thrown, 1, undefined);
    }
  };
}

export function tell(
  onFault: OnFault,
  task: string,
  thrown: unknown,
  failures: number,
  againInMs: number | undefined,
): void {
  try {
    onFault({ task, error: toError(thrown), failures, againInMs });
  } catch {
    // Nobody is left to be told.
  }
}

/** The code of what a log says of a fault; docs/reference/errors.md has it with the others. */
const FAULT_CODE = 'BW_TASK_FAILED';

/** A fault as a line of a log. */
function faultText({ task, error, failures, againInMs }: Fault): string {
  const again = againInMs === undefined ? '' : `, is tried again in ${Math.ceil(againInMs / 1000)} s`;
  const often = failures > 1 ? ` ${failures} times in a row` : '';
  return `${task} failed${often}${again}: ${error.message} [${FAULT_CODE}]`;
}

/** Faults as warnings of a log, for those who are told of things by words. */
export function toldAs(onEvent: (message: string, severity: 'warning') => void): OnFault {
  return fault => onEvent(faultText(fault), 'warning');
}
