import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EmbeddedPlane } from '../../src/proxy/embedded-plane.ts';
import type { Resolved } from '../../src/proxy/names/lookup.ts';
import { useGateway } from './support/gateway.ts';
import { plainRoute } from './support/manifests.ts';
import { answer, type Script } from './support/upstream.ts';
import { eventually } from './support/within.ts';

const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
const SHORT_MS = 1000;
/** What the names of these tests lead to. */
const zone = new Map<string, Resolved>();

const gateway = useGateway({
  plane: onEvent =>
    EmbeddedPlane.start({
      address: '127.0.0.1',
      portOffset: 0,
      workers: 2,
      onEvent,
      lookUp: async name => {
        const found = zone.get(name);
        if (found === undefined) throw new Error('SERVFAIL');
        return found;
      },
    }),
});

const named = (policy?: string): ReturnType<typeof plainRoute> => {
  const route = plainRoute(policy === undefined ? {} : { policy });
  return (port, upstreams) => {
    const text = route(port, upstreams);
    const at = text.indexOf('spec: { endpoints: [');
    return `${text.slice(0, at)}spec: { endpoints: [{ fqdn: { hostname: models.test, port: ${upstreams[0]!.port} } }] }\n`;
  };
};

const by =
  (name: string): Script =>
  ({ wire }) =>
    void wire.write(answer(name));

test('every address of a name gets its share, and they are followed as they change, also when nothing can be asked', () => {
  zone.set('models.test', { addresses: [], ttlMs: SHORT_MS });
  return gateway.serveMany(
    [by('a'), by('b')],
    async ({ send, upstreams }) => {
      assert.equal((await send(GET)).status, 503);
      const [a, b] = upstreams.map(({ address }) => address) as [string, string];
      const served = async () => {
        const seen = new Map<string, number>();
        for (let i = 0; i < 40; i++) {
          const { body } = await send(GET);
          seen.set(body, (seen.get(body) ?? 0) + 1);
        }
        return seen;
      };
      zone.set('models.test', { addresses: [a, b], ttlMs: SHORT_MS });
      await eventually(5000, 'an answer', async () => (await send(GET)).status === 200);
      const shares = await served();
      assert.ok((shares.get('a') ?? 0) > 5 && (shares.get('b') ?? 0) > 5, JSON.stringify([...shares]));
      zone.set('models.test', { addresses: [b], ttlMs: SHORT_MS });
      await eventually(5000, 'b alone', async () => [...(await served()).keys()].join() === 'b');
      zone.delete('models.test');
      await eventually(5000, 'a failure', () =>
        gateway.events.some(event => event.includes('cannot be resolved')),
      );
      assert.deepEqual([...(await served()).keys()], ['b']);
    },
    named(),
  );
});

test('health is of each address: one that fails its checks gets nothing', () => {
  const sick: Script = ({ wire }) => void wire.write('HTTP/1.1 500 X\r\ncontent-length: 0\r\n\r\n');
  return gateway.serveMany(
    [sick, by('b')],
    async ({ send, upstreams }) => {
      zone.set('models.test', { addresses: upstreams.map(({ address }) => address), ttlMs: 60_000 });
      await eventually(5000, 'b alone', async () => {
        for (let i = 0; i < 20; i++) if ((await send(GET)).status !== 200) return false;
        return true;
      });
    },
    named(
      'healthCheck: { active: { type: HTTP, interval: 50ms, timeout: 1s, unhealthyThreshold: 1, healthyThreshold: 1, http: { path: / } } }',
    ),
  );
});
