export type { Decision } from './decision.ts';
export {
  type Address,
  type ChoiceRequest,
  type EndpointChoice,
  NO_CHOICE,
  outcomeText,
  type TryOutcome,
} from './endpoint-choice.ts';
export { explainHeaders } from './explain.ts';
export { type FailureKind, failureReply, type StaleConnection } from './failure.ts';
export { headerValue } from './header-value.ts';
export { type LocalReply, overflowHeaders, overflowReply, textReply } from './local-reply.ts';
export { OBJECTIVE, readModelRequest } from './model-request.ts';
export { objectiveOf } from './objective.ts';
export { DecisionLog } from './observers/decision-log.ts';
export { COUNTER_NAMES, RequestCounters } from './observers/request-counters.ts';
export { PoolChoice } from './pool-choice.ts';
export {
  badRequest,
  FAULT_REPLY,
  NO_HEALTHY_UPSTREAM,
  NO_ROOM,
  noRoomReply,
  SHED_REPLY,
  TOO_LARGE,
  TOO_LARGE_REPLY,
  UPGRADE_WITH_BODY,
  unplacedReply,
} from './replies.ts';
export { Retries } from './retries.ts';
export { backoffMs, retriesFailure, retriesStatus } from './retry.ts';
export { ServiceChoice } from './service-choice.ts';
export { maxStream, requestTimeout, streamIdle, type TimeLimit } from './time-limit.ts';
