import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Server } from '../../plan/index.ts';
import { Ports } from './listening-ports.ts';

const server = (name: string, port: number) => ({ name, port }) as Server;

test('two Gateways with one port each get one each: on a cluster they would have addresses of their own', async () => {
  for (const portOffset of [undefined, 21_000]) {
    const ports = new Ports({ address: '127.0.0.1', ...(portOffset === undefined ? {} : { portOffset }) });
    const servers = ['a', 'b', 'c'].map(name => server(name, 8123));
    const { servers: reports } = await ports.find(servers, new Map());
    const first = 8123 + (portOffset ?? 0);
    assert.deepEqual(
      reports.map(({ bound }) => bound?.port),
      [first, first + 10_000, first + 20_000],
    );
    assert.equal(reports[0]?.moved, undefined);
    assert.match(reports[1]?.moved ?? '', /belongs to another Gateway here/);
  }
});

test('where no port is left it is said', async () => {
  const ports = new Ports({ address: '127.0.0.1' });
  const { servers } = await ports.find(
    ['a', 'b'].map(name => server(name, 64_123)),
    new Map(),
  );
  assert.match(servers[1]?.error ?? '', /port 64123 belongs to another Gateway here; there is no port 74123/);
});
