import type { Payer } from '../../kernel/index.ts';
import type { ResponseHead } from '../http1/response-head.ts';
import type { UpstreamConnection } from '../http1/upstream/connection.ts';
import type { ResponseFraming } from '../http1/upstream/try-events.ts';

/** What the tries of a request tell it. After `gaveUp`, `brokeOff`, `upgraded` or the last `data` nothing more comes. */
export interface AttemptEvents extends Payer {
  /** The request's head is on its way: a body that is streamed may follow. */
  sent(): void;
  /** A response that goes to the client. */
  response(head: ResponseHead, framing: ResponseFraming): void;
  data(bytes: Buffer | undefined, end: boolean): void;
  flush(): void;
  drained(): void;
  upgraded(head: ResponseHead, connection: UpstreamConnection, rest: Buffer | undefined): void;
  /** No response came; the client gets one of ours. */
  gaveUp(): void;
  /** The response ended before it was whole: the server broke it off. */
  brokeOff(): void;
}
