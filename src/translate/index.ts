export type { Operators } from './gateway/operators-annotation.ts';
export { gatewayOfAddress } from './gateway/own-addresses.ts';
export type { Problem } from './problem.ts';
export { sameInputs } from './same-inputs.ts';
export type { StatusEntry } from './status/status-entry.ts';
export { type TranslateOptions, type Translation, translate } from './translate.ts';
