import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ActiveHealthCheck, OutlierDetection } from '../../plan/index.ts';
import type { OutlierDetectionSchema } from '../gen/envoy/config/cluster/v3/outlier_detection_pb.ts';
import { RequestMethod } from '../gen/envoy/config/core/v3/base_pb.ts';
import type { HealthCheckSchema } from '../gen/envoy/config/core/v3/health_check_pb.ts';
import { duration } from './message-parts.ts';

/** 100 where a threshold is set; what is not set does not act, whatever Envoy's defaults are. */
function enforcing(threshold: number): number {
  return threshold > 0 ? 100 : 0;
}

export function outlierDetection(policy: OutlierDetection): MessageInitShape<typeof OutlierDetectionSchema> {
  return {
    interval: duration(policy.intervalMs),
    baseEjectionTime: duration(policy.baseEjectionTimeMs),
    maxEjectionPercent: policy.maxEjectionPercent,
    consecutive5xx: policy.consecutive5xx,
    enforcingConsecutive5xx: enforcing(policy.consecutive5xx),
    consecutiveGatewayFailure: policy.consecutiveGatewayErrors,
    enforcingConsecutiveGatewayFailure: enforcing(policy.consecutiveGatewayErrors),
    splitExternalLocalOriginErrors: policy.splitExternalLocalOriginErrors,
    consecutiveLocalOriginFailure: policy.consecutiveLocalOriginFailures,
    enforcingConsecutiveLocalOriginFailure: enforcing(policy.consecutiveLocalOriginFailures),
    enforcingSuccessRate: 0,
    enforcingFailurePercentage: 0,
    alwaysEjectOneHost: true,
  };
}

/** @param host the Host header where the policy names none */
export function healthCheck(
  policy: ActiveHealthCheck,
  host: string,
): MessageInitShape<typeof HealthCheckSchema> {
  return {
    interval: duration(policy.intervalMs),
    timeout: duration(policy.timeoutMs),
    unhealthyThreshold: policy.unhealthyThreshold,
    healthyThreshold: policy.healthyThreshold,
    healthChecker: healthChecker(policy, host),
  };
}

function healthChecker(
  { type, http }: ActiveHealthCheck,
  host: string,
): NonNullable<MessageInitShape<typeof HealthCheckSchema>['healthChecker']> {
  switch (type) {
    case 'TCP':
      return { case: 'tcpHealthCheck', value: {} };
    case 'GRPC':
      return { case: 'grpcHealthCheck', value: {} };
    case 'HTTP':
      return {
        case: 'httpHealthCheck',
        value: {
          path: http?.path ?? '/',
          host: http?.hostname ?? host,
          method: RequestMethod[(http?.method ?? 'GET') as keyof typeof RequestMethod],
          // Int64Range does not include its end.
          expectedStatuses: (http?.expectedStatuses ?? []).map(status => ({
            start: BigInt(status),
            end: BigInt(status + 1),
          })),
        },
      };
  }
}
