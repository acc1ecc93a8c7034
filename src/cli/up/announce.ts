import { type RunningServer, resolved, writeStateFile } from '../../admin/state-file.ts';
import type { EventLog } from '../../control/event-log.ts';
import { packageVersion } from '../package-version.ts';

/**
 * Writes down where this server is, for other commands of the same user. Where that cannot be written (a full disk, a file
 * system that is read-only), it is said once, and requests are served all the same.
 * @returns what takes it back
 */
export function announce(
  server: Pick<RunningServer, 'url' | 'token' | 'startedAtMs'>,
  log: EventLog,
): () => void {
  try {
    const remove = writeStateFile({
      ...server,
      pid: process.pid,
      cwd: resolved(process.cwd()),
      version: packageVersion(),
    });
    process.on('exit', remove);
    return remove;
  } catch (error) {
    const message =
      `other commands do not find this server, and change nothing in it, as its address and token cannot be written down: ` +
      `${(error as Error).message}. Name it by \`--server ${server.url}\` to read from it.`;
    log.add({ type: 'notice', severity: 'warning', message });
    return () => {};
  }
}
