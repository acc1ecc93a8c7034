export { bodyRefusal } from './body-bounds.ts';
export type { Decision } from './decision.ts';
export {
  type Address,
  CANCELLED,
  type EndpointChoice,
  type TryOutcome,
} from './endpoint/endpoint-choice.ts';
export { PoolChoice } from './endpoint/pool-choice.ts';
export { ARRIVAL_MS, type SentRequest, SentRequests } from './endpoint/sent-requests.ts';
export { ServiceChoice } from './endpoint/service-choice.ts';
export type { FailureKind, StaleConnection } from './failure.ts';
export { GatewayLife } from './gateway-life.ts';
export { headerValue } from './header-value.ts';
export { type LocalReply, overflowReply, textReply } from './local-reply.ts';
export { OBJECTIVE } from './model-request.ts';
export { Observers } from './observer.ts';
export { AwaitedReports } from './observers/awaited-reports.ts';
export { DecisionLog } from './observers/decision-log.ts';
export { COUNTER_NAMES, RequestCounters } from './observers/request-counters.ts';
export { VerdictCounts } from './observers/verdict-counts.ts';
export type { Asker, LifeParts } from './parts.ts';
export { fullScope } from './permit.ts';
export { readsBody } from './reads-body.ts';
export { FAULT_REPLY, NO_HEALTHY_UPSTREAM } from './replies.ts';
export { SendingLife } from './sending-life.ts';
export type { Step } from './step.ts';
export { type Ownership, SOLE_OWNERSHIP, type Target } from './target.ts';
export { maxStream, requestTimeout, streamIdle, type TimeLimit, uploadIdle } from './time-limit.ts';
