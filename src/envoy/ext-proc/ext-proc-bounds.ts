import { defaultHeldBodyBytes } from '../../kernel/index.ts';

/** Bounds of the picker, each with its reason. */
export interface ExtProcBounds {
  /** Largest request body that is read to know its model; larger ones get 413. As the embedded plane's. */
  readonly maxBodyBytes: number;
  /** Of all bodies that are being read; over it a request with a body is refused until there is room. */
  readonly maxHeldBytes: number;
  /** Streams of one connection: requests in flight of one Envoy worker. More, and Envoy opens another connection. */
  readonly maxStreamsPerConnection: number;
  /** Connections: workers of all Envoys. More are closed at once. */
  readonly maxConnections: number;
  /** From connecting to the first bytes of HTTP/2 (TLS included). */
  readonly handshakeTimeoutMs: number;
  /** A ping goes out after this; a gateway that died is found out by it, and its permits are given back. */
  readonly keepaliveMs: number;
  /** For the answer to a ping. */
  readonly keepaliveTimeoutMs: number;
  /** From asking an external picker to the end of its answer. As the embedded plane's. */
  readonly pickTimeoutMs: number;
  /** Endpoints that are named for the gateway to try after the picked one. */
  readonly maxFallbacks: number;
}

export const DEFAULT_EXT_PROC_BOUNDS: ExtProcBounds = {
  maxBodyBytes: 64 * 1024 * 1024,
  maxHeldBytes: defaultHeldBodyBytes(),
  maxStreamsPerConnection: 20_000,
  maxConnections: 4096,
  handshakeTimeoutMs: 10_000,
  keepaliveMs: 10_000,
  keepaliveTimeoutMs: 5_000,
  pickTimeoutMs: 5000,
  maxFallbacks: 2,
};
