/** A metav1.Condition without lastTransitionTime: whoever writes the status adds that, and keeps it while nothing else changes. */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly observedGeneration: number;
  readonly reason: string;
  readonly message: string;
}

/** metav1.Condition.message: at most 32768 characters. */
const MAX_MESSAGE_LENGTH = 32768;
const TRUNCATED = ' (message truncated).';

/** Conditions of one object, one per type, in the order in which the types were first set. */
export class Conditions {
  readonly #byType = new Map<string, Condition>();
  readonly #generation: number;

  /** @param generation of the object that the conditions are about; 0 where there is none (files). */
  constructor(generation: number) {
    this.#generation = generation;
  }

  set(type: string, status: Condition['status'], reason: string, message: string): this {
    const observedGeneration = this.#generation;
    this.#byType.set(type, { type, status, observedGeneration, reason, message: truncated(message) });
    return this;
  }

  setIfAbsent(type: string, status: Condition['status'], reason: string, message: string): this {
    return this.#byType.has(type) ? this : this.set(type, status, reason, message);
  }

  get(type: string): Condition | undefined {
    return this.#byType.get(type);
  }

  is(type: string, status: Condition['status']): boolean {
    return this.#byType.get(type)?.status === status;
  }

  get isEmpty(): boolean {
    return this.#byType.size === 0;
  }

  list(): Condition[] {
    return [...this.#byType.values()];
  }
}

/** Envoy Gateway's form of an error in a condition: a capital at the beginning, a full stop at the end. */
export function sentence(text: string): string {
  if (text === '') return text;
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return capital.endsWith('.') ? capital : `${capital}.`;
}

function truncated(message: string): string {
  return message.length <= MAX_MESSAGE_LENGTH
    ? message
    : message.slice(0, MAX_MESSAGE_LENGTH - TRUNCATED.length) + TRUNCATED;
}
