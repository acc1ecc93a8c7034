import type { Socket } from 'node:net';
import { startTimer, stopTimer } from '../../../kernel/index.ts';

const RETIRED_MS = 1000;

/** Sends what was written and ends, then reads on for a moment: a reset would take the answer from the client (RFC 9112 section 9.6). */
export function endGently(socket: Socket): void {
  socket.resume();
  socket.end(() => {
    const timer = startTimer(RETIRED_MS, () => socket.destroy());
    socket.once('close', () => stopTimer(timer));
  });
}
