export { type FileSourceOptions, fileSource } from './file-source.ts';
export { type ApplyOutcome, type ObjectKey, type OverlaySource, overlaySource } from './overlay-source.ts';
export type { Source, SourceProblem } from './source.ts';
