import assert from 'node:assert/strict';
import { eventually } from '../../proxy/support/within.ts';

interface Limit {
  readonly scope: string;
  readonly limits: readonly { readonly name: string; readonly inUse: number }[];
}

interface Endpoint {
  readonly id: string;
  readonly state: string;
  readonly inFlight: number;
}

/** What clients leave behind is gone within this. */
const WITHIN_MS = 2000;

/** All counters of the running Breakwater are zero, or soon are. Open connections at rest are idle ones. */
export async function assertAtRest(admin: string): Promise<void> {
  let inUse: string[] = [];
  await eventually(
    WITHIN_MS,
    () => `counters at zero: ${inUse.join(', ')}`,
    async () => {
      const scopes = await json<Limit[]>(`${admin}/v1/limits`);
      const endpoints = await endpointsOf(admin);
      inUse = [
        ...scopes.flatMap(({ scope, limits }) =>
          limits
            .filter(({ name, inUse }) => name !== 'maxConnections' && inUse !== 0)
            .map(({ name, inUse }) => `${scope} ${name} ${inUse}`),
        ),
        ...endpoints.filter(({ inFlight }) => inFlight !== 0).map(({ id, inFlight }) => `${id} ${inFlight}`),
      ];
      return inUse.length === 0;
    },
  );
}

export function endpointsOf(admin: string): Promise<Endpoint[]> {
  return json(`${admin}/v1/endpoints`);
}

export async function json<T>(url: string): Promise<T> {
  const response = await fetch(url);
  assert.equal(response.status, 200, url);
  return (await response.json()) as T;
}
