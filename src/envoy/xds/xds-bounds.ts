/** Of what peers can make the server hold or do. */
export interface XdsBounds {
  /** An Envoy has one. */
  readonly maxConnections: number;
  /** An Envoy has one, two for a moment when it reconnects. */
  readonly maxStreams: number;
  /** Of one stream: names asked for and names held, of all types together. */
  readonly maxNames: number;
  /** Of a request, uncompressed. 50,000 names of 80 bytes with their versions fit. */
  readonly maxRequestBytes: number;
  /** Of requests that are not whole yet, over all streams; one that is over it is refused, and its Envoy comes again. */
  readonly maxHeldRequestBytes: number;
  /** From the beginning of a connection or a stream to its first request. */
  readonly firstRequestMs: number;
  /** A type that has not answered for so long no longer holds up the others, and is reported. Envoy gives up warming after 15 s. */
  readonly patienceMs: number;
}

export const DEFAULT_XDS_BOUNDS: XdsBounds = {
  maxConnections: 1024,
  maxStreams: 1024,
  maxNames: 200_000,
  maxRequestBytes: 8 * 1024 * 1024,
  maxHeldRequestBytes: 512 * 1024 * 1024,
  firstRequestMs: 10_000,
  patienceMs: 30_000,
};
