import type { ResourceSet } from '../api/index.ts';

/** Where objects come from. Each change gives a whole new ResourceSet. */
export interface Source {
  current(): ResourceSet;
  /** What is wrong now with what was read. */
  problems(): readonly SourceProblem[];
  /** Called after each change of either. Returns what ends the subscription. */
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
}

export interface SourceProblem {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** `HTTPRoute default/test-httproute`; absent where the text could not be read as objects. */
  readonly object?: string;
}

/** Listeners of a source. */
export class Listeners {
  readonly #listeners = new Set<() => void>();

  add(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** One that throws keeps none of the others from hearing of it; the first of what was thrown is, once all have. */
  call(): void {
    const thrown: unknown[] = [];
    for (const listener of this.#listeners)
      try {
        listener();
      } catch (error) {
        thrown.push(error);
      }
    if (thrown.length > 0) throw thrown[0];
  }
}
