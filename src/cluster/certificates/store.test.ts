import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../../test/support/until.ts';
import { CERTIFICATE_TIMES, type ControlPlaneCertificates, certificatesInSecret } from '../../tls/index.ts';
import { ModelApiServer } from '../api-server-for-test.ts';
import { CertificateStore } from './store.ts';

const PATH = '/api/v1/namespaces/system/secrets/breakwater-tls';
const POLL_MS = 10;

function stored(api: ModelApiServer): ControlPlaneCertificates | undefined {
  const data = api.objects.get(PATH)?.['data'] as Record<string, string> | undefined;
  return (
    data &&
    certificatesInSecret(
      Object.fromEntries(
        Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
      ),
    )
  );
}

function replica(api: ModelApiServer, said: string[], now: () => number = Date.now) {
  return CertificateStore.start({
    server: api.client,
    namespace: 'system',
    notice: message => said.push(message),
    now,
    pollMs: POLL_MS,
  });
}

test('several replicas that start at once come to have the same certificates, in a Secret that one of them makes', async () => {
  const api = await ModelApiServer.start();
  const said: string[] = [];
  const replicas = await Promise.all([1, 2, 3].map(() => replica(api, said)));
  const all = replicas.map(({ current }) => current);
  assert.deepEqual(all, Array(3).fill(stored(api)));
  assert.deepEqual(said, [
    'Secret system/breakwater-tls: a new authority signs',
    "Secret system/breakwater-tls: the server's certificate is made anew: there is none",
  ]);
  for (const one of replicas) one.close();
  await api.close();
});

test('a certificate that is due is renewed by one replica, all take it, and keys of others stay in the Secret', async () => {
  const api = await ModelApiServer.start();
  let nowMs = Date.now();
  const replicas = await Promise.all([1, 2].map(() => replica(api, [], () => nowMs)));
  const taken = replicas.map(() => [] as ControlPlaneCertificates[]);
  for (const [index, one] of replicas.entries())
    one.onChange(certificates => taken[index]!.push(certificates));
  const before = stored(api)!;
  const object = api.objects.get(PATH)!;
  api.put(PATH, { ...object, data: { ...(object['data'] as object), other: 'eA==' } });
  nowMs += CERTIFICATE_TIMES.lifeMs * 0.7;
  await until('both have taken it', () => taken.every(({ length }) => length > 0));
  const after = stored(api)!;
  assert.notEqual(after.server.cert, before.server.cert);
  assert.equal(after.authority.issuer.cert, before.authority.issuer.cert);
  assert.deepEqual(taken, Array(2).fill([after]));
  assert.deepEqual(Object.entries(api.objects.get(PATH)!['data'] as object).at(0), ['other', 'eA==']);
  assert.ok(replicas[0]!.expiry().server < replicas[0]!.expiry().authority);
  for (const one of replicas) one.close();
  await api.close();
});

test('an API server that refuses is told of once, and asked again', async () => {
  const api = await ModelApiServer.start();
  const said: string[] = [];
  let refusals = 0;
  api.instead = () => (++refusals < 3 ? { status: 403, body: { message: 'forbidden to you' } } : undefined);
  const one = await replica(api, said);
  assert.equal(said[0], `waits for its certificates: GET ${PATH}: 403 forbidden to you`);
  assert.equal(said.filter(message => message.includes('403')).length, 1);
  one.close();
  await api.close();
});

test('a start that is not wanted any more ends', async () => {
  const api = await ModelApiServer.start();
  api.instead = () => ({ status: 503 });
  const abort = new AbortController();
  const started = CertificateStore.start(
    { server: api.client, namespace: 'system', notice: () => {} },
    abort.signal,
  );
  abort.abort(new Error('stopped'));
  await assert.rejects(started, /stopped/);
  await api.close();
});
