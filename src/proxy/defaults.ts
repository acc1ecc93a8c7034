import { DEFAULT_STREAM_IDLE_MS } from '../plan/index.ts';

/** Bounds of the embedded plane, each with its reason. */
export interface ProxyLimits {
  /** Largest head of a request or response; Envoy's max_request_headers_kb is 60. */
  readonly maxHeadBytes: number;
  /** Most header lines; Envoy's max_headers_count is 100. */
  readonly maxHeaders: number;
  /** From asking an external picker to the end of its answer; one that queues requests holds them back itself. */
  readonly pickTimeoutMs: number;
  /** Largest body of a request to a pool, which is read whole to know its model; prompts with images are megabytes. */
  readonly maxBodyBytes: number;
  /** Largest body that is kept for a retry or mirror on a route that needs neither model nor whole body. */
  readonly retryBufferBytes: number;
  /** Of a body that is passed on as it comes: kept while it waits for its connection. */
  readonly maxHeldBodyBytes: number;
  /** From the first byte of a head to its last (slow-loris). */
  readonly headTimeoutMs: number;
  /** Between two pieces of a request's body. */
  readonly bodyIdleTimeoutMs: number;
  /** From a request's head to its body's last byte, where the body comes more slowly than {@link minBodyBytesPerMs}. */
  readonly bodyTimeoutMs: number;
  /** From a request's head to its body's last byte, however fast it comes; not while its answer goes out. */
  readonly maxBodyMs: number;
  /** A body may take longer for what has come of it: 1 ms for so many bytes. */
  readonly minBodyBytesPerMs: number;
  /** No byte in either direction while a response is awaited or streamed, of routes that have no limit of their own. */
  readonly streamIdleTimeoutMs: number;
  /** A client that takes nothing of its answer; Envoy's stream_flush_timeout. */
  readonly flushTimeoutMs: number;
  /** A connection without a request; Envoy's is 1 h. */
  readonly idleTimeoutMs: number;
  /** Client connections of one worker. */
  readonly maxClientConnections: number;
  /** What is read and thrown away of a refused request's body before the connection is closed instead. */
  readonly maxDiscardBytes: number;
  /**
   * Bytes of following requests that are read while one is served (pipelining). Where that one takes long, four times as many are
   * kept, and of a client that sends still more none of them is served: only one that is read from is seen to leave.
   */
  readonly maxPipelinedBytes: number;
}

export const DEFAULT_PROXY_LIMITS: ProxyLimits = {
  maxHeadBytes: 60 * 1024,
  maxHeaders: 100,
  pickTimeoutMs: 5000,
  maxBodyBytes: 64 * 1024 * 1024,
  retryBufferBytes: 1024 * 1024,
  maxHeldBodyBytes: 256 * 1024,
  headTimeoutMs: 10_000,
  bodyIdleTimeoutMs: 30_000,
  bodyTimeoutMs: 60_000,
  minBodyBytesPerMs: 1,
  maxBodyMs: 600_000,
  streamIdleTimeoutMs: DEFAULT_STREAM_IDLE_MS,
  flushTimeoutMs: 300_000,
  idleTimeoutMs: 3_600_000,
  maxClientConnections: 20_000,
  maxDiscardBytes: 64 * 1024,
  maxPipelinedBytes: 64 * 1024,
};
