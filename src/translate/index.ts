export type { Problem } from './problem.ts';
export { type Translation, translate } from './translate.ts';
