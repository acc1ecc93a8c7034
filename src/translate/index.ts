export type { Problem } from './problem.ts';
export type { StatusEntry } from './status-entry.ts';
export { type TranslateOptions, type Translation, translate } from './translate.ts';
