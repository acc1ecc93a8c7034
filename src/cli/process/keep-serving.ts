import { processFigures, toError } from '../../kernel/index.ts';
import { errorText } from '../report-error.ts';
import { printError } from './output.ts';

/** What is thrown again and again is told so often, and counted always. */
const TELL_AGAIN_MS = 10_000;
/** Different errors that are remembered as told. */
const MAX_TOLD = 100;

type Print = (message: string) => void;

let print: Print | undefined;
const toldAtMs = new Map<string, number>();

/**
 * What nobody caught. While a command runs, or what serves is being started, it ends the process: half a start serves nobody.
 * After {@link keepServing} it costs what threw: requests have guards of their own and background tasks are tried again, so
 * this is the last line, and ending here would take every stream of every client with it.
 */
export function watchUncaught(): void {
  process.on('uncaughtException', thrown => {
    if (print === undefined) {
      printError(`${errorText(thrown)}\n`);
      process.exit(1);
    }
    processFigures.uncaughtErrors++;
    const error = toError(thrown);
    if (isNew(error, performance.now())) print(`not caught: ${error.stack ?? error.message} [BW_INTERNAL]`);
  });
}

/** It serves from now on: an error that nobody caught is told and counted, and everything else goes on. */
export function keepServing(tell: Print): void {
  print = tell;
}

function isNew({ message }: Error, nowMs: number): boolean {
  const before = toldAtMs.get(message);
  if (before !== undefined && nowMs - before < TELL_AGAIN_MS) return false;
  toldAtMs.delete(message);
  toldAtMs.set(message, nowMs);
  if (toldAtMs.size > MAX_TOLD) toldAtMs.delete(toldAtMs.keys().next().value as string);
  return true;
}
