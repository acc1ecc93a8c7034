import { type Decision, type DecisionLog, explainHeaders } from '../../picker/index.ts';

const NONE: readonly string[] = [];

/** `x-breakwater-decision` for a client that sends `x-breakwater-explain`. */
export function explainHeader(
  requestHeaders: readonly string[],
  decision: Decision,
  decisions: DecisionLog,
): readonly string[] {
  for (let i = 0; i < requestHeaders.length; i += 2) {
    if (requestHeaders[i] === 'x-breakwater-explain') return explainHeaders(decision, decisions);
  }
  return NONE;
}
