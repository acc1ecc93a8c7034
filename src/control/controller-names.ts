/**
 * GatewayClasses of these controllers are served: Breakwater's own, and Envoy Gateway's, whose resources it reads.
 */
export const CONTROLLER_NAMES = [
  'breakwater.dev/gatewayclass-controller',
  'gateway.envoyproxy.io/gatewayclass-controller',
] as const;
