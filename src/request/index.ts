export type { Action } from './action.ts';
export type { Asker } from './asker.ts';
export { bodyRefusal } from './body-bounds.ts';
export { endpointCounts } from './counts/endpoint-counts.ts';
export { addEndpointMetrics } from './counts/endpoint-metrics.ts';
export { limitCounts } from './counts/limit-counts.ts';
export { addLimitMetrics } from './counts/limit-metrics.ts';
export type { Decision, EnvoyReport } from './decision.ts';
export {
  type Address,
  CANCELLED,
  type EndpointChoice,
  type TryOutcome,
} from './endpoint/endpoint-choice.ts';
export { PoolChoice } from './endpoint/pool-choice.ts';
export { ServiceChoice } from './endpoint/service-choice.ts';
export type { PickOutcome } from './external-picker/pick-answer.ts';
export { PickCounters } from './external-picker/pick-counters.ts';
export { addExternalPickMetrics } from './external-picker/pick-metrics.ts';
export type { PickerClientParts } from './external-picker/picker-client-parts.ts';
export { type ExternalPicking, PickerClients } from './external-picker/picker-clients.ts';
export { PickerLog } from './external-picker/picker-log.ts';
export type { Placement } from './external-picker/placement.ts';
export { GatewayLife } from './gateway-life.ts';
export { headerValue } from './header-value.ts';
export { type LocalReply, overflowReply } from './local-reply.ts';
export { routedModel } from './model-headers.ts';
export { OBJECTIVE } from './model-request.ts';
export { Observers } from './observer.ts';
export { AwaitedReports } from './observers/awaited-reports.ts';
export { DecisionLog } from './observers/decision-log.ts';
export { EnvoyUsage } from './observers/envoy-usage.ts';
export { COUNTER_NAMES, RequestCounters } from './observers/request-counters.ts';
export { VerdictCounts } from './observers/verdict-counts.ts';
export { LeasedOwnership, type PoolOwnership, SingleOwnership } from './ownership/pool-ownership.ts';
export type { PredecessorTimes } from './ownership/predecessor-requests.ts';
export type { LifeParts } from './parts.ts';
export { fullScope } from './permit.ts';
export { readsBody } from './reads-body.ts';
export { FAULT_REPLY } from './replies.ts';
export { SOLE_OWNERSHIP, type Target } from './request-target.ts';
export { mutateHeaders } from './route/header-mutation.ts';
export { HostTable } from './route/host-table.ts';
export { isMisdirected } from './route/misdirected.ts';
export { type ForwardTo, resolve, responseMutations } from './route/resolve.ts';
export type { OnFailed } from './route/route-index.ts';
export { failingRoute, reducedPlan } from './rows/reduced-plan.ts';
export { Rows, TABLE_ROWS, type Tables } from './rows/rows.ts';
export { RouteTimeouts } from './sending/route-timeouts.ts';
export type { FailureKind, StaleConnection } from './sending/sending-failure.ts';
export { SendingLife } from './sending/sending-life.ts';
export { maxStream, requestTimeout, streamIdle, type TimeLimit, uploadIdle } from './sending/time-limit.ts';
export type { Steps } from './steps/step.ts';
export { STEPS } from './steps/steps.ts';
