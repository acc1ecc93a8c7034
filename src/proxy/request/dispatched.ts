import type { Payer } from '../../kernel/index.ts';
import type { Asker, LocalReply, SendingLife, TimeLimit } from '../../request/index.ts';
import type { ClientStream } from '../codec/client-stream.ts';
import type { RequestBody } from '../codec/request-body.ts';
import type { RequestHead } from '../codec/request-head.ts';
import type { RequestContext } from '../request-context.ts';

/** What a request is, and how it is answered when it is sent to nobody. */
export interface Dispatched extends Payer, Asker {
  readonly context: RequestContext;
  readonly client: ClientStream;
  readonly head: RequestHead;
  readonly body: RequestBody;
  readonly requestId: string;
  readonly life: SendingLife;
  /** An answer that no endpoint was asked for. */
  decline(reply: LocalReply, reason: string): void;
  /** A limit of its route ends it. */
  timedOut(limit: TimeLimit): void;
  /** The client gets {@link RequestLife.reply}. */
  replies(): void;
}
