import { type Decision, type DecisionLog, explainHeaders } from '../../request/index.ts';

const NONE: readonly string[] = [];

/** `x-breakwater-decision` for an operator who sends `x-breakwater-explain`. */
export function explainHeader(
  requestHeaders: readonly string[],
  { decision, toOperator }: { readonly decision: Decision; readonly toOperator: boolean },
  decisions: DecisionLog,
): readonly string[] {
  for (let i = 0; i < requestHeaders.length; i += 2) {
    if (requestHeaders[i] === 'x-breakwater-explain')
      return toOperator ? explainHeaders(decision, decisions) : NONE;
  }
  return NONE;
}
