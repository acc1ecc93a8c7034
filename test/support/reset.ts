import type { Socket } from 'node:net';

/**
 * Resets a connection; or closes it where its end is on its way already: there resetAndDestroy of Node 24 loses the handle, for which
 * the process then waits for ever when it ends, on a whole core.
 */
export function reset(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy();
  else socket.resetAndDestroy();
}
