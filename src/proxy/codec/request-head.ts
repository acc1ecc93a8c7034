import type { MessageFacts } from './message-facts.ts';

/** A request's head as it came, before any routing, in whatever protocol. */
export interface RequestHead {
  readonly method: string;
  /** Path and query as sent (RFC 9110 section 7.1). */
  readonly target: string;
  /** Host of the request, with its port where it has one. As written. */
  readonly authority: string;
  /** name (lower case), value, name, value, … */
  readonly headers: string[];
  readonly facts: MessageFacts;
}
