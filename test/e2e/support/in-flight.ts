import { until } from '../../support/until.ts';
import type { Up } from '../cli-process.ts';

interface LimitView {
  readonly limits: readonly { readonly name: string; readonly limit: number; readonly inUse: number }[];
}

/** The one request that a limit lets go is in flight. Asks `up` itself: a command would begin only when a short answer may be over. */
export async function inFlight(up: Up): Promise<void> {
  const [, admin = ''] = await up.until(/Admin API\s+(\S+)/);
  await until('the request is in flight', async () => {
    const scopes = (await (await fetch(`${admin}/v1/limits`)).json()) as readonly LimitView[];
    return scopes.some(({ limits }) =>
      limits.some(({ name, limit, inUse }) => name === 'maxParallelRequests' && limit === 1 && inUse === 1),
    );
  });
}
