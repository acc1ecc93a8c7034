import type { Socket } from 'node:net';
import type { Payer } from '../../../kernel/index.ts';

/** What a client's socket tells the connection that serves it. */
export interface SocketEvents extends Payer {
  onBytes(bytes: Buffer): void;
  onDrain(): void;
  /** More than once. */
  onGone(): void;
}

/**
 * The guard at a client's socket: whatever its events lead to, what is thrown ends here.
 * @param onClosed called last and once
 */
export function listenToClient(socket: Socket, events: SocketEvents, onClosed: () => void): void {
  socket.on('data', bytes => {
    try {
      events.onBytes(bytes);
    } catch (thrown) {
      events.fault(thrown);
    }
  });
  socket.on('drain', () => {
    try {
      events.onDrain();
    } catch (thrown) {
      events.fault(thrown);
    }
  });
  const gone = () => {
    try {
      events.onGone();
    } catch (thrown) {
      events.fault(thrown);
    }
  };
  // A client that half-closes is gone, as for Envoy: nothing else tells of a client that left.
  socket.on('end', gone);
  socket.on('error', gone);
  socket.on('close', () => {
    gone();
    onClosed();
  });
}
