import type { Parameters, ValuesOf } from './parameter.ts';
import type { PickInput } from './pick-input.ts';

/** Read of a request's body, and only where a plugin of the pool needs it. */
export type BodyNeed = 'model' | 'prompt';
/** Scraped from model servers; old figures are not to be believed. */
export type MetricNeed = 'running' | 'waiting' | 'kv-cache' | 'adapters';
export type Need = BodyNeed | MetricNeed;

interface Plugin<P extends Parameters> {
  /** The Inference Extension's where it has the same. */
  readonly name: string;
  readonly parameters: P;
  /** What it cannot do without. */
  readonly needs: readonly Need[];
}

/** Gives row i the score of candidate i: 0..1, more is better. It allocates nothing. */
export type Score = (input: PickInput, scores: Float64Array) => void;

/** Says how well each candidate can serve a request. */
export interface Scorer<P extends Parameters = Parameters> extends Plugin<P> {
  /** Absent: it runs only where a pool names it. */
  readonly defaultWeight?: number;
  /** Once for each pool. */
  prepare(parameters: ValuesOf<P>): Score;
}

/**
 * Writes why into the rows of `removed` of candidates that are still 0 and must go. It allocates nothing. Where it takes all away that were
 * left, it has taken none.
 */
export type Remove = (input: PickInput, removed: Uint8Array) => void;

/** Takes candidates away. */
export interface Filter<P extends Parameters = Parameters> extends Plugin<P> {
  /** For people, under REMOVED BY. */
  readonly reasons: readonly string[];
  /** What it looks at where it is known, and what is not read for its sake. */
  readonly looksAt?: readonly Need[];
  /** Absent: it runs only where a pool names it. */
  readonly byDefault?: true;
  /** It may leave nobody where the pool's failureMode is FailClose. */
  readonly restricts?: true;
  /** Once for each pool. @param reason number of the first of {@link reasons}; those of the others follow */
  prepare(parameters: ValuesOf<P>, reason: number): Remove;
}

/** Types what `prepare` gets by the parameters that are declared beside it. */
export function scorer<const P extends Parameters>(definition: Scorer<P>): Scorer<P> {
  return definition;
}

export function filter<const P extends Parameters>(definition: Filter<P>): Filter<P> {
  return definition;
}
