import type { MessageFacts } from './message-facts.ts';

/** The head of a model server's answer as it came, in whatever protocol. */
export interface ResponseHead {
  /** 200..599, or 101 of an upgrade. */
  readonly status: number;
  /** Words beside the status; empty where there are none. */
  readonly reason: string;
  /** name (lower case), value, name, value, … */
  readonly headers: readonly string[];
  readonly facts: MessageFacts;
}
