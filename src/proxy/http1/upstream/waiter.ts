import type { Payer } from '../../../kernel/index.ts';
import type { LimitName } from '../../../limits/index.ts';
import type { Address } from '../../../request/index.ts';
import type { UpstreamConnection } from './upstream-connection.ts';

/**
 * Who asks for a connection. Exactly one of granted, refused, failed or fault is told, unless it is cancelled. None of them
 * throws: the pool is in the middle of something that concerns others.
 */
export interface ConnectionWaiter extends Payer {
  readonly target: Address;
  /** A connection that was used before is not good enough. */
  readonly fresh: boolean;
  cancelled: boolean;
  /** A connection is to be had: takes the permit. False: it was refused, and has been told so by the limits. */
  admit(): boolean;
  granted(connection: UpstreamConnection): void;
  refused(limit: LimitName): void;
  failed(error: Error): void;
}

/** Where connections are asked for. */
export interface ConnectionSource {
  get(waiter: ConnectionWaiter): void;
  /** The request is gone: what it waits for is given back at once. */
  cancel(waiter: ConnectionWaiter): void;
  /** Gives a connection back after an answer. */
  release(connection: UpstreamConnection, reusable: boolean): void;
}
