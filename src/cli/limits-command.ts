import type { LimitView } from '../admin/wire.ts';
import { AdminClient, type ServerChoice } from './client/admin-client.ts';
import { limitTable } from './print/printed-usage.ts';
import { printError, printOut } from './process/output.ts';

export interface LimitsOptions extends ServerChoice {
  readonly output: 'text' | 'json';
}

/** `breakwater limits`: each limit, how much of it is in use, how often it refused. */
export async function limits(options: LimitsOptions): Promise<void> {
  const views = await new AdminClient(options).get<LimitView[]>('/v1/limits');
  if (options.output === 'json') printOut(`${JSON.stringify(views, undefined, 2)}\n`);
  else if (views.length === 0) printError('No limits: no route leads to a backend.\n');
  else printOut(`${limitTable(views).join('\n')}\n`);
}
