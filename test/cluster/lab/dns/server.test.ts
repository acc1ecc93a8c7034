import assert from 'node:assert/strict';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import type { Answer } from './message.ts';
import { answerTo } from './message.ts';
import { DnsServer } from './server.ts';

const many = Array.from({ length: 100 }, (_, index) => `10.0.0.${index}`);
const names: Readonly<Record<string, Answer>> = {
  'one.test': { kind: 'addresses', addresses: ['10.1.2.3'] },
  'many.test': { kind: 'addresses', addresses: many },
  'none.test': { kind: 'addresses', addresses: [] },
  'alias.test': { kind: 'alias', name: 'one.test' },
};

let server: DnsServer;
const resolver = new Resolver({ timeout: 10_000 });
before(async () => {
  server = await DnsServer.start('127.0.0.1', 0, ({ name }) => names[name] ?? { kind: 'unknown' });
  resolver.setServers([`127.0.0.1:${server.port}`]);
});
after(() => server?.close());

test('a resolver gets addresses, aliases, nothing, and that there is no such name', async () => {
  assert.deepEqual(await resolver.resolve4('one.test'), ['10.1.2.3']);
  assert.deepEqual(await resolver.resolve4('ONE.test'), ['10.1.2.3']);
  assert.deepEqual(await resolver.resolveCname('alias.test'), ['one.test']);
  await assert.rejects(resolver.resolve4('none.test'), { code: 'ENODATA' });
  await assert.rejects(resolver.resolve4('unknown.test'), { code: 'ENOTFOUND' });
});

test('what is too long for UDP comes over TCP', async () => {
  assert.deepEqual((await resolver.resolve4('many.test')).sort(), [...many].sort());
});

test('what is no query gets no answer, however it is cut', async () => {
  const query = Buffer.from('0001010000010000000000000366616f04746573740000010001', 'hex');
  const unknown = () => ({ kind: 'unknown' }) as const;
  assert.equal(answerTo(query, unknown)![3]! & 15, 3);
  for (let end = 0; end < query.length; end++)
    assert.equal(answerTo(query.subarray(0, end), unknown), undefined, `${end}`);
  const socket = connect(server.port, '127.0.0.1');
  socket.write(Buffer.from([0, 3, 1, 2, 3]));
  await once(socket, 'close');
});
