export { fileSource } from './file-source.ts';
export { type OverlaySource, overlaySource } from './overlay-source.ts';
export { Listeners, type Source, type SourceProblem } from './source.ts';
