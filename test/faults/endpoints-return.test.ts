import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useGateway } from '../proxy/support/gateway.ts';
import { poolRoute } from '../proxy/support/manifests.ts';
import { eventually } from '../proxy/support/within.ts';
import { CHAT, inTurn } from './support/scripts.ts';

const gateway = useGateway({ workers: 2 });

test('an endpoint that left the pool with a connection open, and comes back, has all its connections to give', () => {
  const manifests = poolRoute({ policy: 'circuitBreaker: { perEndpoint: { maxConnections: 1 } }' });
  return gateway.serveMany(
    [inTurn('0'), inTurn('1')],
    async ({ port, send, upstreams }) => {
      const [one, two] = upstreams;
      assert.ok(one !== undefined && two !== undefined);
      for (let round = 0; round < 3; round++) {
        await gateway.apply(manifests(port, upstreams));
        await eventually(5000, 'answers of both', async () => {
          await send(CHAT);
          return one.open.size === 1 && two.open.size === 1;
        });
        await gateway.apply(manifests(port, [one]));
        for (const wire of two.open) wire.destroy();
        await eventually(5000, 'the end of its connection', () => two.open.size === 0);
        for (let i = 0; i < 4; i++) assert.equal((await send(CHAT)).body, '0');
      }
    },
    manifests,
  );
});
