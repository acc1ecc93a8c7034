import type { Payer } from '../../kernel/index.ts';
import type { RequestContext } from '../request-context.ts';
import type { ClientStream } from './client-stream.ts';
import type { RequestBody } from './request-body.ts';
import type { RequestHead } from './request-head.ts';

/** A request, as the codec that has read its head tells it what comes from its client. */
export interface ServedRequest extends Payer {
  /** Something of the answer went to the client. */
  readonly responding: boolean;
  /** It ends when no byte has come or gone for so long. */
  readonly streamIdleMs: number;
  /** Called once; {@link ClientStream} may be told all of an answer before it returns. */
  begin(): void;
  /** More of the body has come. */
  bodyProgress(): void;
  /** The client stopped in the middle of its body. */
  bodyTimeout(): void;
  /** What came of the body is not of its protocol. @param status that the client is told, unless an answer has begun */
  malformed(status: number, detail: string): void;
  /** No byte has come or gone for too long. */
  streamTimeout(): void;
  /** The client takes more of its answer again. */
  clientDrained(): void;
  clientGone(): void;
}

/** Begins to serve a request whose head has come. */
export type Serve = (
  context: RequestContext,
  client: ClientStream,
  head: RequestHead,
  body: RequestBody,
) => ServedRequest;
