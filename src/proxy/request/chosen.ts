import { keptText } from '../../kernel/index.ts';
import type { PickOutcome } from '../../picker/index.ts';
import type { HeaderMutation, Pool } from '../../plan/index.ts';
import {
  type ChoiceRequest,
  type Decision,
  type LocalReply,
  NO_CHOICE,
  unplacedReply,
} from '../../request/index.ts';
import type { RequestHead } from '../http1/request-head.ts';
import { BodyBytes } from './body-bytes.ts';
import { poolRequest } from './pool-request.ts';

/** What a request is sent with and its endpoint is chosen by, or what it is answered with instead. */
export type Chosen =
  | {
      readonly kind: 'send';
      readonly body: BodyBytes | undefined;
      readonly choice: ChoiceRequest;
      /** To the request's headers, by an external picker. */
      readonly changes?: HeaderMutation | undefined;
    }
  | { readonly kind: 'declined'; readonly reply: LocalReply; readonly reason: string }
  | { readonly kind: 'unplaced'; readonly reply: LocalReply };

/**
 * Breakwater chooses itself.
 * @param sent the body as it came; undefined: it is passed on as it comes
 * @param decision what the request asks for is noted here
 */
export function chosenHere(
  pool: Pool | undefined,
  sent: BodyBytes | undefined,
  head: Pick<RequestHead, 'target' | 'headers'>,
  decision: Pick<Decision, 'model' | 'targetModel' | 'criticality'>,
): Chosen {
  if (pool === undefined || sent === undefined) return { kind: 'send', body: sent, choice: NO_CHOICE };
  const request = poolRequest(pool, sent, Math.random(), head);
  if (request.kind === 'refused') return { kind: 'declined', reply: request.reply, reason: request.reason };
  const { body, choice } = request;
  decision.model = keptText(choice.model);
  decision.targetModel = choice.targetModel === choice.model ? decision.model : choice.targetModel;
  decision.criticality = choice.criticality;
  return { kind: 'send', body, choice };
}

/** An external picker has answered, or failed: then failureMode decides. */
export function chosenElsewhere(
  outcome: PickOutcome,
  pool: Pool | undefined,
  sent: BodyBytes | undefined,
  head: Pick<RequestHead, 'target' | 'headers'>,
  decision: Decision,
): Chosen {
  switch (outcome.kind) {
    case 'placed': {
      decision.reason = 'placed by the external picker';
      const body = outcome.body === undefined ? sent : new BodyBytes([outcome.body]);
      return {
        kind: 'send',
        body,
        choice: { ...NO_CHOICE, placed: outcome.indexes },
        changes: outcome.headers,
      };
    }
    case 'replied':
      return { kind: 'declined', reply: outcome.reply, reason: 'answered by the external picker' };
    case 'failed':
      decision.reason = keptText(`the external picker failed: ${outcome.failure}: ${outcome.detail}`);
      return pool?.failureMode === 'FailOpen'
        ? chosenHere(pool, sent, head, decision)
        : { kind: 'unplaced', reply: unplacedReply(outcome.failure) };
  }
}
