import type { LeftOut } from '../../plan/index.ts';

const MAX_SAID = 1_000;

/** Tells of parts that Envoy refuses, once each. */
export class LeftOutLog {
  readonly #say: (message: string, severity: 'error') => void;
  readonly #said = new Set<string>();

  constructor(say: (message: string, severity: 'error') => void) {
    this.#say = say;
  }

  tell(leftOut: readonly LeftOut[]): void {
    for (const { source, message } of leftOut) {
      const { kind, namespace, name } = source;
      const text = `Envoy refuses a part of ${kind} ${namespace}/${name}, which is answered with 500: ${message}`;
      if (this.#said.has(text)) continue;
      if (this.#said.size >= MAX_SAID) this.#said.clear();
      this.#said.add(text);
      this.#say(text, 'error');
    }
  }
}
