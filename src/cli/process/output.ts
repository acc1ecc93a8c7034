import { writeSync } from 'node:fs';
import { printable, processFigures } from '../../kernel/index.ts';

type Stream = NodeJS.WriteStream;

/** Lines wait for a reader up to this; what is more is dropped, so that one who does not read costs no memory. */
const MAX_UNREAD_BYTES = 1024 * 1024;

let serves = false;

/**
 * What becomes of errors of the standard streams. `breakwater get … | head`: whoever reads has gone, and there is nobody to
 * tell. Of what serves, nobody has to read the log: it goes on, and counts what was lost.
 */
export function watchOutput(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (serves) processFigures.droppedLogLines++;
      else if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
      else endWithout(stream, error);
    });
}

/** To be called by what serves, before it writes: nothing that happens to the standard streams ends the process. */
export function serveWithoutReaders(): void {
  serves = true;
}

/** A command whose output is lost has failed, and says so where it can. */
function endWithout(stream: Stream, error: Error): void {
  try {
    if (stream === process.stdout) writeSync(2, `error: standard output: ${error.message}\n`);
  } catch {
    // Nobody is left to be told.
  }
  process.exit(1);
}

/** Writes to the log of what serves; never throws, never waits. */
export function writeLog(stream: Stream, text: string): void {
  if (stream.writableLength > MAX_UNREAD_BYTES) processFigures.droppedLogLines++;
  else stream.write(printable(text));
}

/** Writes what a command has found. */
export function printOut(text: string): void {
  process.stdout.write(printable(text));
}

/** Writes what a command has to say of it. */
export function printError(text: string): void {
  process.stderr.write(printable(text));
}
