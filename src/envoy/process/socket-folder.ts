import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Of the path of a unix socket, without the zero at its end (unix(7); 4 bytes fewer on macOS). */
const MAX_SOCKET_PATH_BYTES = 103;
const PREFIX = 'breakwater-envoy-';
/** What mkdtemp(3) adds, and the longest name of a socket. */
const LONGEST_REST = 'XXXXXX/picker';

/** There is no folder in which Envoy and this process could have sockets. */
export class NoSocketFolder extends Error {
  override readonly name = 'NoSocketFolder';
}

/**
 * A new folder for sockets, which only this user may open: below TMPDIR, or below /tmp where that is too long for a socket's path.
 * @throws NoSocketFolder
 */
export function makeSocketFolder(parents: readonly string[] = [tmpdir(), '/tmp']): string {
  const reasons: string[] = [];
  for (const parent of new Set(parents)) {
    const bytes = Buffer.byteLength(join(parent, PREFIX + LONGEST_REST));
    if (bytes > MAX_SOCKET_PATH_BYTES) {
      const most = MAX_SOCKET_PATH_BYTES - Buffer.byteLength(`/${PREFIX}${LONGEST_REST}`);
      reasons.push(`${parent} has a path of more than ${most} bytes, too long for a socket below it`);
      continue;
    }
    try {
      return mkdtempSync(join(parent, PREFIX));
    } catch (error) {
      reasons.push((error as Error).message);
    }
  }
  throw new NoSocketFolder(`no folder for the sockets of Envoy: ${reasons.join('; ')}`);
}
