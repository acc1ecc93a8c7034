export { embeddedState } from './embedded-state.ts';
