import type { Payer } from '../../kernel/index.ts';
import type { LimitName } from '../../limits/index.ts';
import type { FailureKind, StaleConnection } from '../../request/index.ts';
import type { BodyForm } from './body-form.ts';
import type { ResponseHead } from './response-head.ts';
import type { ServerTunnel } from './server-tunnel.ts';

/** What one try tells its request. After `failed`, `refused`, `fault`, `upgraded` or the last `data` nothing more comes. */
export interface UpstreamEvents extends Payer {
  /** Takes the permit; false when the limits refused. */
  admit(): boolean;
  refused(limit: LimitName): void;
  /** The head is on its way: a body that is streamed may follow. */
  sent(): void;
  /** The final answer's head; those of 1xx are not told (RFC 9110 section 15.2). */
  response(head: ResponseHead, form: BodyForm): void;
  /** Of the body, as it comes and in the form that was told. @param end nothing follows */
  data(bytes: Buffer | undefined, end: boolean): void;
  /** Fields that follow the body (RFC 9110 section 6.5): name, value, …; before the last `data`. Not in the form `framed`, which has them. */
  trailers(fields: readonly string[]): void;
  /** The response is whole; its last data follows. */
  ended(): void;
  /** All of one read of the socket has been told. */
  flush(): void;
  /** It takes more of the request's body again. */
  drained(): void;
  upgraded(head: ResponseHead, tunnel: ServerTunnel): void;
  /** @param detail in words: what the server, or its connection, did */
  failed(kind: FailureKind, detail: string, stale: StaleConnection): void;
}
