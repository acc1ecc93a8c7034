export { ENVOY_KINDS, embeddedState } from './embedded-state.ts';
export { envoyAttempts, envoyState } from './envoy-state.ts';
export type { BootstrapOptions } from './gateway-bootstrap.ts';
export { ownersOf } from './other-plane.ts';
export { type Attempt, madeBy } from './owned-state.ts';
export { proxyProblem } from './proxy-problem.ts';
export { proxyOf } from './proxy-spec.ts';
