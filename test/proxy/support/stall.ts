import type { Wire } from './wire.ts';

/** A side that has taken nothing for so long has stalled. */
const STALLED_AFTER_MS = 400;

/**
 * Writes until the other side takes no more.
 * @returns how many bytes were written
 * @throws when it takes more than `most` bytes
 */
export async function writeUntilStalled(
  wire: Wire,
  most: number,
  piece = Buffer.alloc(64 * 1024),
): Promise<number> {
  let written = 0;
  for (;;) {
    while (wire.write(piece)) written += piece.length;
    written += piece.length;
    if (written > most) throw new Error(`${written} bytes were taken`);
    if (await stalls(wire)) return written;
  }
}

function stalls({ socket }: Wire): Promise<boolean> {
  return new Promise(resolve => {
    const drained = () => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      socket.off('drain', drained);
      resolve(true);
    }, STALLED_AFTER_MS);
    socket.once('drain', drained);
  });
}
