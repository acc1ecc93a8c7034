import type { Payer } from '../../kernel/index.ts';

/** The client's side of a tunnel, as the server's side tells it what comes. */
export interface TunnelReader extends Payer {
  /** @returns false when it takes no more for now, until {@link ServerTunnel.resume} */
  data(bytes: Buffer): boolean;
  /** The server takes more again. */
  drained(): void;
  /** Nothing more comes from the server. */
  closed(): void;
}

/** The server's side of a connection that became both sides' own after an upgrade (RFC 9110 section 7.8). */
export interface ServerTunnel {
  /** Called once: what has come already is told before it returns. */
  begin(reader: TunnelReader): void;
  /** @returns false when the server takes no more for now */
  write(bytes: Buffer): boolean;
  pause(): void;
  resume(): void;
  /** Ends it, after what was written. */
  end(): void;
  /** Ends it now. */
  destroy(): void;
  /** @param payer for what `closed` throws */
  whenClosed(payer: Payer, closed: () => void): void;
}
