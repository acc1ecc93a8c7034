import { reportError } from '../report-error.ts';

/**
 * Runs what starts a server. What fails says so and ends the process with code 1: parts that have been started already
 * (threads, sockets, timers) would keep it alive, and serve nobody.
 */
export async function started<T>(starting: Promise<T>): Promise<T> {
  try {
    return await starting;
  } catch (error) {
    reportError(error);
    process.exit(1);
  }
}
