import type { Decision, DecisionLog } from '../../picker/index.ts';

/** Longest value of the header: less than what HTTP clients take of one. */
const MAX_CHARACTERS = 8192;
const NONE: readonly string[] = [];

/** `x-breakwater-decision` for a client that sends `x-breakwater-explain`: the decision as JSON in ASCII, until now. */
export function explainHeader(
  requestHeaders: readonly string[],
  decision: Decision,
  decisions: DecisionLog,
): readonly string[] {
  for (let i = 0; i < requestHeaders.length; i += 2) {
    if (requestHeaders[i] !== 'x-breakwater-explain') continue;
    const text = JSON.stringify(decisions.withCandidates(decision)).replace(
      /[^\x20-\x7e]/g,
      c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
    return ['x-breakwater-decision', text.slice(0, MAX_CHARACTERS)];
  }
  return NONE;
}
