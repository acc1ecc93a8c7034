import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ModelApiServer } from '../api-server-for-test.ts';
import type { LeaseRecord } from './lease.ts';
import { LeaseClient } from './lease-client.ts';

const RECORD: LeaseRecord = {
  holder: 'a',
  token: 't',
  durationMs: 15_000,
  acquiredAt: '',
  renewedAt: '',
  transitions: 0,
};

test('a Lease is made, and replaced by its version alone; who is too late learns that', async t => {
  const server = await ModelApiServer.start();
  t.after(() => server.close());
  const leases = new LeaseClient(server.client, 'ns', 5_000);
  assert.equal((await leases.read('one')).type, 'missing');
  const made = await leases.put('one', RECORD, undefined);
  assert.ok(made.type === 'written', made.type);
  assert.deepEqual(await leases.read('one'), { type: 'found', lease: made.lease });
  assert.equal((await leases.put('one', RECORD, undefined)).type, 'conflict');
  const renewed = await leases.put('one', { ...RECORD, holder: 'b' }, made.lease.version);
  assert.ok(renewed.type === 'written' && renewed.lease.record.holder === 'b');
  assert.equal((await leases.put('one', RECORD, made.lease.version)).type, 'conflict');
});

test('a deletion is answered with a Status, and one of what is not there says so', async t => {
  const server = await ModelApiServer.start();
  t.after(() => server.close());
  server.instead = () => ({ status: 200, body: { kind: 'Status', status: 'Success' } });
  const leases = new LeaseClient(server.client, 'ns', 5_000);
  assert.deepEqual(await leases.delete('one'), { type: 'deleted' });
  server.instead = () => undefined;
  assert.equal((await leases.delete('one')).type, 'missing');
});

test('what an API server refuses, and what throws, is an outcome with its reason', async t => {
  const server = await ModelApiServer.start();
  t.after(() => server.close());
  const leases = new LeaseClient(server.client, 'ns', 5_000);
  server.instead = () => ({ status: 403, body: { message: 'forbidden to you' } });
  assert.deepEqual(await leases.put('one', RECORD, undefined), {
    type: 'failed',
    message: 'forbidden to you',
  });
  await assert.rejects(leases.list(), /forbidden to you/);
  const thrower = { request: () => Promise.reject(new Error('away')) };
  assert.deepEqual(await new LeaseClient(thrower, 'ns', 5_000).read('one'), {
    type: 'failed',
    message: 'away',
  });
});
