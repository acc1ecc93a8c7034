import type { Payer } from '../../kernel/index.ts';
import type { BodyForm } from '../codec/body-form.ts';
import type { ResponseHead } from '../codec/response-head.ts';
import type { ServerTunnel } from '../codec/server-tunnel.ts';

/** What the tries of a request tell it. After `gaveUp`, `brokeOff`, `upgraded` or the last `data` nothing more comes. */
export interface AttemptEvents extends Payer {
  /** The request's head is on its way: a body that is streamed may follow. */
  sent(): void;
  /** A response that goes to the client. */
  response(head: ResponseHead, form: BodyForm): void;
  data(bytes: Buffer | undefined, end: boolean): void;
  trailers(fields: readonly string[]): void;
  flush(): void;
  drained(): void;
  upgraded(head: ResponseHead, tunnel: ServerTunnel): void;
  /** No response came; the client gets one of ours. */
  gaveUp(): void;
  /** The response ended before it was whole: the server broke it off. */
  brokeOff(): void;
}
