import type { WeighedCandidate } from '../../../src/picker/pick-log.ts';
import type { Decision } from '../../../src/request/index.ts';
import type { Scene } from '../../proxy/support/gateway.ts';
import { field, type Response } from '../../proxy/support/message.ts';
import { eventually } from '../../proxy/support/within.ts';

const WITHIN_MS = 5000;

/** Why a server did not answer: what it means is said before the colon, in each plane's own words behind it. */
const FAILED =
  /^(connect-failure|connect-timeout|reset|protocol-error)(?=: )|^timeout(?=: (?:Envoy: |per-try))/;

/**
 * What `breakwater explain` says of a request that has ended: whole, but for its id, its times, the route's name (Envoy's own matter there), the
 * report that only Envoy gives, and the addresses of endpoints, which are told by what became of them. Of tries there is the number.
 */
export async function explained(scene: Scene, response: Response): Promise<unknown> {
  const { upstreams } = scene;
  const found = await decisionOf(scene, response);
  const { requestId, atMs, durationMs, route, envoy, pick, candidates, tries, reason, ...rest } = found;
  void [requestId, atMs, durationMs, route, pick];
  const shown = {
    ...rest,
    ...(reason !== undefined && { reason: FAILED.exec(reason)?.[0] ?? reason }),
    attempts: envoy?.attempts || (found.endpoint === undefined ? 0 : 1 + (tries?.length ?? 0)),
    candidates: (candidates as readonly WeighedCandidate[]).map(({ metrics, ...candidate }) => ({
      ...candidate,
      scraped: metrics !== undefined,
    })),
  };
  shown.candidates.sort(
    (a, b) => Number(b.endpoint === found.endpoint) - Number(a.endpoint === found.endpoint),
  );
  let text = JSON.stringify(shown);
  const one = (upstream: (typeof upstreams)[number]) => `${upstream.address}:${upstream.port}`;
  const chosen = upstreams.findIndex(upstream => one(upstream) === found.endpoint);
  for (const [i, upstream] of upstreams.entries())
    text = text.replaceAll(one(upstream), i === chosen ? 'the one' : 'another');
  return JSON.parse(text);
}

/** As it is when all has come that there is to say of a request that has ended. */
export async function decisionOf({ explain, plane }: Scene, response: Response): Promise<Decision> {
  const id = field(response, 'x-request-id') ?? '';
  let found: Decision | undefined;
  await eventually(WITHIN_MS, `what became of ${id}`, async () => {
    found = (await explain(id)) as Decision | undefined;
    if (found?.durationMs === undefined) return false;
    // Envoy reports what it has sent somewhere.
    return plane === 'embedded' || found.endpoint === undefined || found.envoy !== undefined;
  });
  return found as Decision;
}
