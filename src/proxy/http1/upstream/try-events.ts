import type { Payer } from '../../../kernel/index.ts';
import type { LimitName } from '../../../limits/index.ts';
import type { FailureKind, StaleConnection } from '../../../request/index.ts';
import type { ResponseHead } from '../response-head.ts';
import type { UpstreamConnection } from './connection.ts';

/** How a response's end is found (RFC 9112 section 6.3). */
export type ResponseFraming = 'none' | 'length' | 'chunked' | 'close';

/** What one try tells its request. After `failed`, `refused`, `fault`, `upgraded` or the last `data` nothing more comes. */
export interface TryEvents extends Payer {
  /** Takes the permit; false when the limits refused. */
  admit(): boolean;
  refused(limit: LimitName): void;
  /** The head is on its way: a body that is streamed may follow. */
  sent(): void;
  response(head: ResponseHead, framing: ResponseFraming): void;
  /** Body bytes with their framing, as they come. */
  data(bytes: Buffer | undefined, end: boolean): void;
  /** The response is whole; its last data follows. */
  ended(): void;
  /** All of one read of the socket has been told. */
  flush(): void;
  drained(): void;
  upgraded(head: ResponseHead, connection: UpstreamConnection, rest: Buffer | undefined): void;
  failed(kind: FailureKind, detail: string, stale: StaleConnection): void;
}

export interface TryOptions {
  readonly method: string;
  /** Written first, with whatever of the body is there; latin1. */
  readonly firstWrite: string | readonly Buffer[];
  /** Nothing of the request follows the first write. */
  readonly wholeRequest: boolean;
  /** On a connection of its own. */
  readonly fresh: boolean;
  readonly upgrade: boolean;
  readonly maxHeadBytes: number;
  readonly maxHeaders: number;
  /** From the head's sending to the response's end, or to its beginning; 0 for none. */
  readonly timeoutMs: number;
  readonly timeoutUntil: 'end' | 'head';
}
