import type { DecisionView } from '../admin/wire.ts';
import { AdminClient, type ServerChoice } from './client/admin-client.ts';
import { formatDecision } from './print/printed-decision.ts';
import { printOut } from './process/output.ts';

export interface ExplainOptions extends ServerChoice {
  readonly output: 'text' | 'json';
}

/** `breakwater explain REQUEST-ID`: the whole decision about one request. */
export async function explain(requestId: string, options: ExplainOptions): Promise<void> {
  const decision = await new AdminClient(options).get<DecisionView>(
    `/v1/decisions/${encodeURIComponent(requestId)}`,
  );
  printOut(
    options.output === 'json' ? `${JSON.stringify(decision, undefined, 2)}\n` : formatDecision(decision),
  );
}
