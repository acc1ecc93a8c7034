export { fileSource } from './file-source.ts';
export { type OverlaySource, overlaySource } from './overlay-source.ts';
export type { Source, SourceProblem } from './source.ts';
