import type { Overflow } from '../limits/index.ts';
import type { Decision } from './decision.ts';

/** A decision as long as its request lives: written by this room alone. */
export type DecisionDraft = { -readonly [Field in keyof Decision]: Decision[Field] };

export function noteOverflow(draft: DecisionDraft, { scope, limit, inUse, max }: Overflow): void {
  draft.verdict = 'overflow';
  draft.permit = { scope, granted: false, limit, inUse, max };
}

/** An endpoint that was asked did not serve. */
export function noteTry(draft: DecisionDraft, outcome: string): void {
  const one = { endpoint: draft.endpoint ?? '', outcome };
  draft.tries = draft.tries === undefined ? [one] : [...draft.tries, one];
}
