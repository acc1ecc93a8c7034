export type { BootstrapOptions } from './bootstrap.ts';
export { embeddedState } from './embedded-state.ts';
export { envoyState } from './envoy-state.ts';
export type { OwnedState } from './owned-state.ts';
