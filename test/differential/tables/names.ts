import { plainRoute } from '../../proxy/support/manifests.ts';
import { answer, type Script } from '../../proxy/support/upstream.ts';
import { eventually } from '../../proxy/support/within.ts';
import { SERVFAIL, Zone } from '../../support/dns-server.ts';
import type { Scenario } from '../support/scenario.ts';
import { brief } from '../support/seen.ts';

const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
const NAME = 'models.example';
/** By chance, with half of them for each of two: less than once in a hundred million. */
const ENOUGH = 30;
/** Envoy asks again for what changes often no sooner than after five seconds. */
const FOLLOWED_MS = 14_000;

/** What the DNS server of both planes knows while these rows run. */
export const ZONE = new Zone();

const by =
  (name: string): Script =>
  ({ wire }) =>
    void wire.write(answer(name));

/** A Backend that is the name, with the port of the upstreams. */
const named =
  (hostname: string): ReturnType<typeof plainRoute> =>
  (port, upstreams) =>
    plainRoute()(port, upstreams).replace(
      /endpoints: \[.*\]/,
      `endpoints: [{ fqdn: { hostname: ${hostname}, port: ${upstreams[0]?.port} } }]`,
    );

type Scene = Parameters<Scenario['run']>[0];

async function served({ send }: Scene): Promise<string> {
  const seen = new Set<string>();
  for (let i = 0; i < ENOUGH; i++) seen.add(brief(await send(GET)));
  return [...seen].sort().join();
}

async function eventuallyServed(scene: Scene, expected: string): Promise<string> {
  let seen = '';
  await eventually(
    FOLLOWED_MS,
    () => `${expected}, not ${seen}`,
    async () => {
      seen = await served(scene);
      return seen === expected;
    },
  );
  return seen;
}

/** Backends that are host names (Envoy's STRICT_DNS). */
export const NAMES: readonly Scenario[] = [
  {
    name: 'names: each address is an endpoint, followed as they change, and kept while nobody can be asked',
    manifests: named(NAME),
    upstreams: () => {
      ZONE.set(NAME, ['127.0.0.1', '127.0.0.2']);
      return [by('a'), by('b')];
    },
    run: async scene => {
      const seen = [await eventuallyServed(scene, '200 a,200 b')];
      ZONE.set(NAME, ['127.0.0.2']);
      seen.push(await eventuallyServed(scene, '200 b'));
      ZONE.set(NAME, SERVFAIL);
      const before = ZONE.failures;
      await eventually(FOLLOWED_MS, 'a question in vain', () => ZONE.failures > before);
      seen.push(await served(scene));
      return seen;
    },
    gives: ['200 a,200 b', '200 b', '200 b'],
  },
  {
    name: 'names: one that does not exist has no endpoints',
    manifests: named('nobody.example'),
    upstreams: () => [by('a')],
    run: async ({ send }) => brief(await send(GET)),
    gives: '503 no healthy upstream',
  },
];
