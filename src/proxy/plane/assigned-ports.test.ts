import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import type { Server } from '../../plan/index.ts';
import { AssignedPorts } from './assigned-ports.ts';

const address = '127.0.0.1';

function server(name: string, bindPort?: number): Server {
  return {
    name,
    gateway: { kind: 'Gateway', namespace: 'default', name },
    port: 80,
    ...(bindPort === undefined ? {} : { bindPort }),
    protocol: 'HTTP',
    listeners: [],
  };
}

async function taken(): Promise<{ readonly port: number; close(): Promise<unknown> }> {
  const other = createServer();
  await once(other.listen(0, address), 'listening');
  const { port } = other.address() as AddressInfo;
  return {
    port,
    close: () => {
      other.close();
      return once(other, 'close');
    },
  };
}

test('a server is bound where its Service leads, and knows the port of its clients', async () => {
  const free = await taken();
  await free.close();
  const { bindings, servers } = await new AssignedPorts(address).find(
    [server('a', free.port), server('waits')],
    new Map(),
  );
  assert.deepEqual(bindings, new Map([['a', { address, port: free.port, publicPort: 80 }]]));
  assert.deepEqual(servers, [{ name: 'a', bound: { address, port: free.port } }, { name: 'waits' }]);
});

test('it moves with its Service; a port that it has already is not probed', async () => {
  const other = await taken();
  const { bindings } = await new AssignedPorts(address).find(
    [server('a', other.port)],
    new Map([['before', { address, port: other.port }]]),
  );
  assert.equal(bindings.get('a')?.port, other.port);
  await other.close();
});

test('a port that another program has, or another server, is an error', async () => {
  const other = await taken();
  const free = await taken();
  await free.close();
  const { bindings, servers } = await new AssignedPorts(address).find(
    [server('a', other.port), server('b', free.port), server('c', free.port)],
    new Map(),
  );
  assert.deepEqual([...bindings.keys()], ['b']);
  assert.match(servers[0]?.error ?? '', /taken by another program/);
  assert.equal(servers[2]?.error, `port ${free.port} leads to b`);
  await other.close();
});
