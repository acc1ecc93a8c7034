import type { Overflow } from '../limits/index.ts';
import type { Decision } from './decision.ts';

const NOTHING: readonly never[] = [];

/** A decision as long as its request lives: written by this room alone. */
export type DecisionDraft = { -readonly [Field in keyof Decision]: Decision[Field] };

/** What is written into it later has room in the object itself, which V8 gives to a class and not to a literal. */
class Draft implements DecisionDraft {
  requestId: string;
  atMs: number;
  verdict: Decision['verdict'] = 'pending';
  candidates: readonly unknown[] = NOTHING;

  constructor(requestId: string, atMs: number) {
    this.requestId = requestId;
    this.atMs = atMs;
  }
}

export function draftOf(requestId: string, atMs: number): DecisionDraft {
  return new Draft(requestId, atMs);
}

export function noteOverflow(draft: DecisionDraft, { scope, limit, inUse, max }: Overflow): void {
  draft.verdict = 'overflow';
  draft.permit = { scope, granted: false, limit, inUse, max };
}

/** An endpoint that was asked did not serve. */
export function noteTry(draft: DecisionDraft, outcome: string): void {
  const one = { endpoint: draft.endpoint ?? '', outcome };
  draft.tries = draft.tries === undefined ? [one] : [...draft.tries, one];
}
