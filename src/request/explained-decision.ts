import type { Decision } from './decision.ts';
import type { DecisionLog } from './observers/decision-log.ts';

/** Longest value of the header: less than what HTTP clients take of one. */
const MAX_CHARACTERS = 8192;

/** `x-breakwater-decision`: the decision as JSON in ASCII, until now. */
export function explainHeaders(decision: Decision, decisions: DecisionLog): readonly string[] {
  const text = JSON.stringify(decisions.withCandidates(decision)).replace(
    /[^\x20-\x7e]/g,
    c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return ['x-breakwater-decision', text.slice(0, MAX_CHARACTERS)];
}
