import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { freePort } from '../../../test/support/free-port.ts';
import { monotonicMs } from '../../kernel/index.ts';
import { askPeer, Peers } from './peers.ts';
import { holderIdentity } from './permit-names.ts';

const A = { token: 'a', identity: 'a' };
const B = { token: 'b', identity: 'b' };

test('nobody takes anything only while all others have heard within the time, counted from the question', async () => {
  const deaf = new Set<string>();
  const peers = new Peers(async identity => !deaf.has(identity));
  const now = () => monotonicMs();
  assert.equal(peers.allInformed([], now()), true);
  assert.equal(peers.allInformed([A], now()), false);
  const askedAtMs = now();
  await peers.tell([A, B], '/');
  assert.equal(peers.allInformed([A, B], now()), true);
  assert.equal(peers.allInformed([A, B], askedAtMs + 60_000), false);
  deaf.add('b');
  peers.renewed();
  await peers.tell([A, B], '/');
  assert.deepEqual([peers.allInformed([A], now()), peers.allInformed([A, B], now())], [true, false]);
});

test('one that has asked counts until the next renewal', async () => {
  const peers = new Peers(async identity => identity === 'a');
  peers.asked(B);
  await peers.tell([A], '/');
  assert.equal(peers.allInformed([A], monotonicMs()), false);
  peers.renewed();
  await peers.tell([A], '/');
  assert.equal(peers.allInformed([A], monotonicMs()), true);
});

test('asking: yes is 200; anything else, no answer, and nobody there is no', async () => {
  const server = createServer((request, response) => {
    if (request.url === '/yes') response.end('yes');
    else if (request.url === '/no') response.writeHead(409).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const identity = holderIdentity('pod', { ip: '127.0.0.1', port });
  assert.equal(await askPeer(identity, '/yes'), true);
  assert.equal(await askPeer(identity, '/no'), false);
  assert.equal(await askPeer(identity, '/silence'), false);
  server.closeAllConnections();
  server.close();
  const nobody = holderIdentity('pod', { ip: '127.0.0.1', port: await freePort() });
  assert.equal(await askPeer(nobody, '/yes'), false);
  assert.equal(await askPeer('somebody else', '/yes'), false);
});
