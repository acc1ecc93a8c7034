import type { StepParts } from './step-parts.ts';
import type { Steps } from './steps/step.ts';

/** What all requests of a process share. */
export interface LifeParts extends StepParts {
  /** What is decided about each of them, and in which order. */
  readonly steps: Steps;
}
