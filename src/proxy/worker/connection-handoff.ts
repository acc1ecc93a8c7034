import { connect, type Socket } from 'node:net';
import { startTimer, stopTimer, type Timer } from '../../kernel/index.ts';

/** One that comes while it is not known who follows waits so long. */
const WAIT_MS = 10_000;
/** Connections that wait at once, of one listening socket: who follows is there in a second or two. */
const MAX_WAITING = 4_096;

/**
 * Connections that reach a process that does not serve any more, as whoever leads clients here has not heard of that yet: they are
 * led on, byte by byte, to the one that follows; until it is known, they wait. A client sees neither.
 */
export class ConnectionHandoff {
  readonly #port: number;
  readonly #onEmpty: () => void;
  readonly #waiting = new Map<Socket, Timer>();
  readonly #open = new Set<Socket>();
  #host: string | undefined;

  /** @param port the same there as here */
  constructor(port: number, onEmpty: () => void) {
    this.#port = port;
    this.#onEmpty = onEmpty;
  }

  get size(): number {
    return this.#open.size;
  }

  accept(socket: Socket): void {
    if (this.#host === undefined && this.#waiting.size >= MAX_WAITING) {
      socket.destroy();
      return;
    }
    this.#open.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => {
      stopTimer(this.#waiting.get(socket));
      this.#waiting.delete(socket);
      this.#open.delete(socket);
      if (this.#open.size === 0) this.#onEmpty();
    });
    if (this.#host !== undefined) this.#join(socket, this.#host);
    else
      this.#waiting.set(
        socket,
        startTimer(WAIT_MS, () => socket.destroy()),
      );
  }

  /** Who follows. */
  to(host: string): void {
    this.#host = host;
    for (const [socket, timer] of this.#waiting) {
      stopTimer(timer);
      this.#join(socket, host);
    }
    this.#waiting.clear();
  }

  /** Those that wait still wait no longer. */
  giveUp(): void {
    for (const socket of this.#waiting.keys()) socket.destroy();
  }

  #join(socket: Socket, host: string): void {
    const onward = connect({ host, port: this.#port, noDelay: true });
    socket.setNoDelay(true);
    onward.on('error', () => socket.destroy());
    onward.once('close', () => socket.destroy());
    socket.once('close', () => onward.destroy());
    socket.pipe(onward);
    onward.pipe(socket);
  }
}
