import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { IdlePlane, oneForeignPod } from '../../test/support/idle-plane.ts';
import { CONTROLLER_NAMES } from '../control/controller-names.ts';
import { EventLog } from '../control/event-log.ts';
import type { StoredObject } from '../control/object-store.ts';
import { Runtime } from '../control/runtime.ts';
import { fileSource, type OverlaySource, overlaySource } from '../source/index.ts';
import { type AdminServer, startAdminServer } from './admin-server.ts';
import type { ApplyResponse, KindInfo, LimitView, ObjectList } from './wire.ts';

const seed = fileURLToPath(new URL('../../examples/circuit-breaking', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'breakwater-admin-'));
const manifests = join(folder, 'gateway.yaml');
const token = 'secret';

const plane = new IdlePlane();
const log = new EventLog(Date.now);
let source: OverlaySource;
let runtime: Runtime;
let server: AdminServer;

before(async () => {
  cpSync(seed, folder, { recursive: true });
  source = overlaySource(await fileSource({ paths: [folder], watch: true }));
  runtime = new Runtime({ source, workloads: oneForeignPod, plane, controllerNames: CONTROLLER_NAMES }, log);
  await runtime.refresh();
  server = await startAdminServer({ runtime, token, address: '127.0.0.1:0' });
});

after(async () => {
  runtime.close();
  await server.close();
  await source.close();
  rmSync(folder, { recursive: true });
});

async function call(path: string, init: RequestInit = {}): Promise<{ status: number; body: unknown }> {
  const response = await fetch(server.url + path, init);
  const text = await response.text();
  return {
    status: response.status,
    body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text,
  };
}

function post(path: string, body: unknown, withToken = token) {
  return call(path, {
    method: 'POST',
    headers: { authorization: `Bearer ${withToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function objects(query: string): Promise<readonly StoredObject[]> {
  return ((await call(`/v1/objects?${query}`)).body as ObjectList).items;
}

test('objects have statuses with times and generations', async () => {
  const [gateway] = await objects('kind=Gateway');
  assert.ok(gateway !== undefined);
  const { addresses, conditions } = gateway.status as {
    addresses: { value: string }[];
    conditions: { type: string; lastTransitionTime: string; observedGeneration: number }[];
  };
  assert.equal(addresses[0]?.value, '127.0.0.1:10080');
  const programmed = conditions.find(condition => condition.type === 'Programmed');
  assert.match(programmed?.lastTransitionTime ?? '', /^\d{4}-.*Z$/);
  assert.equal(programmed?.observedGeneration, 1);
  assert.equal(gateway.metadata.generation, 1);
});

test('Pods that were made up are objects, and endpoints of the plan', async () => {
  assert.deepEqual(
    (await objects('kind=Pod')).map(pod => pod.metadata.name),
    ['vllm-0'],
  );
  assert.deepEqual(
    plane.plan?.pools[0]?.endpoints.map(endpoint => endpoint.id),
    ['127.0.0.9:8000'],
  );
});

test('kinds, limits, decisions, metrics, health', async () => {
  const kinds = (await call('/v1/kinds')).body as KindInfo[];
  assert.ok(kinds.some(info => info.plural === 'backendtrafficpolicies' && info.shortNames.includes('btp')));
  const [limit] = (await call('/v1/limits')).body as LimitView[];
  assert.equal(limit?.policy, 'default/circuitbreaker-for-route');
  assert.deepEqual(limit?.limits[0], { name: 'maxParallelRequests', inUse: 1, limit: 1, refused: 2 });
  assert.equal((await call('/v1/decisions/known')).status, 200);
  const unknown = await call('/v1/decisions/other');
  assert.deepEqual(
    [unknown.status, (unknown.body as { error: { code: string } }).error.code],
    [404, 'BW_UNKNOWN_REQUEST'],
  );
  assert.match(String((await call('/metrics')).body), /^# HELP up x\n.*breakwater_uncaught_errors_total 0/s);
  assert.equal((await call('/healthz')).status, 200);
  assert.equal((await call('/readyz')).status, 200);
});

test('apply is answered when the change is served, and file edits win over it', async () => {
  const policy = (await objects('kind=BackendTrafficPolicy'))[0]!;
  const changed = (limit: unknown) => ({
    apiVersion: policy.apiVersion,
    kind: policy.kind,
    metadata: { name: policy.metadata.name },
    spec: { ...(policy.spec as object), circuitBreaker: { maxParallelRequests: limit } },
  });
  const limitNow = () => plane.plan?.limits[0]?.thresholds.maxParallelRequests;
  const results = async (object: unknown) =>
    ((await post('/v1/apply', { objects: [object] })).body as ApplyResponse).results[0];
  assert.equal((await results(changed(7)))?.outcome, 'configured');
  assert.equal(limitNow(), 7);
  const after = (await objects('kind=BackendTrafficPolicy'))[0];
  assert.deepEqual([after?.metadata.generation, after?.metadata.uid], [2, policy.metadata.uid]);
  assert.equal((await results(changed(7)))?.outcome, 'unchanged');
  const invalid = await results(changed('many'));
  assert.equal(invalid?.outcome, 'invalid');
  assert.match(
    invalid?.message ?? '',
    /^The BackendTrafficPolicy "circuitbreaker-for-route" is invalid: spec\.circuitBreaker\.maxParallelRequests: Invalid value/,
  );
  const edited = new Promise<void>(resolve => {
    const stop = log.onEvent(event => {
      if (event.type !== 'plan-applied') return;
      stop();
      resolve();
    });
  });
  writeFileSync(
    manifests,
    readFileSync(manifests, 'utf8').replace('maxParallelRequests: 1', 'maxParallelRequests: 9'),
  );
  await edited;
  assert.equal(limitNow(), 9);
});

test('apply of a policy that closes what it is about says so, and not only that it was created', async () => {
  const policy = {
    apiVersion: 'gateway.envoyproxy.io/v1alpha1',
    kind: 'SecurityPolicy',
    metadata: { name: 'closing' },
    spec: {
      targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: 'test-httproute' }],
      cors: {},
    },
  };
  const { results } = (await post('/v1/apply', { objects: [policy] })).body as ApplyResponse;
  assert.equal(results[0]?.outcome, 'created');
  assert.match(
    results[0]?.warnings.join() ?? '',
    /^SecurityPolicy default\/closing: .*requests to HTTPRoute default\/test-httproute are answered with 500$/,
  );
  const { metadata } = policy;
  const ref = { ...policy, namespace: 'default', name: metadata.name };
  assert.deepEqual((await post('/v1/delete', { refs: [ref] })).body, { deleted: [true] });
});

test('a watch tells of what changes', async () => {
  const stream = await new Promise<import('node:http').IncomingMessage>((resolve, reject) =>
    get(`${server.url}/v1/watch`, resolve).on('error', reject),
  );
  const line = new Promise<string>(resolve => stream.setEncoding('utf8').once('data', resolve));
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'watched' }, data: { a: 'b' } };
  await post('/v1/apply', { objects: [object] });
  const event = JSON.parse((await line).split('\n')[0] ?? '');
  assert.deepEqual([event.type, event.object.metadata.name], ['ADDED', 'watched']);
  stream.destroy();
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'watched' };
  assert.deepEqual((await post('/v1/delete', { refs: [ref, ref] })).body, { deleted: [true, false] });
});

test('changes need the token; the values of Secrets too', async () => {
  assert.equal((await post('/v1/apply', { objects: [] }, 'wrong')).status, 401);
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { key: 'aGk=' } };
  await post('/v1/apply', { objects: [secret] });
  assert.ok(!JSON.stringify(await objects('kind=Secret')).includes('aGk='));
  const shown = await call('/v1/objects?kind=Secret', { headers: { authorization: `Bearer ${token}` } });
  assert.ok(JSON.stringify(shown.body).includes('aGk='));
});

test('a web page that makes its own name resolve here gets nothing', async () => {
  const status = await new Promise<number | undefined>((resolve, reject) =>
    get(`${server.url}/v1/objects`, { headers: { host: 'evil.example' } }, response => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject),
  );
  assert.equal(status, 400);
});

test('bad requests are said to be so', async () => {
  assert.equal((await post('/v1/apply', { things: 1 })).status, 400);
  assert.equal((await post('/v1/delete', 1)).status, 400);
  assert.equal((await call('/nowhere')).status, 404);
});

test('changes that come together are served together', async () => {
  const before = plane.applied;
  await Promise.all(Array.from({ length: 20 }, () => runtime.refresh()));
  assert.equal(plane.applied, before, 'the same plan is not applied again');
});

test('an apply of thousands of objects changes the source once, and of more than 5,000 it is refused by name', async () => {
  const maps = (count: number) =>
    Array.from({ length: count }, (_, i) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `m${i}` },
    }));
  let changes = 0;
  const unsubscribe = source.onChange(() => changes++);
  const answer = await post('/v1/apply', { objects: [{ kind: 'X' }, ...maps(3000), maps(1)[0]] });
  const outcomes = (answer.body as ApplyResponse).results.map(result => result.outcome);
  assert.deepEqual(
    [outcomes.length, outcomes[0], outcomes[3000], outcomes[3001]],
    [3002, 'invalid', 'created', 'unchanged'],
  );
  const refs = maps(3000).map(({ apiVersion, kind, metadata: { name } }) => ({
    apiVersion,
    kind,
    namespace: 'default',
    name,
  }));
  assert.equal(
    ((await post('/v1/delete', { refs })).body as { deleted: boolean[] }).deleted.includes(false),
    false,
  );
  unsubscribe();
  assert.equal(changes, 2);
  const refused = await post('/v1/apply', { objects: maps(5001) });
  assert.equal(refused.status, 413);
  assert.match(JSON.stringify(refused.body), /BW_TOO_LARGE.*at most 5000 objects.*in smaller parts/);
});

test('what is 50,000 deep, or has no form as text, is invalid alone; what is no reference is a bad request', async () => {
  const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
  const good = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"beside"}}';
  const texts = [
    `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"q","labels":${deep}}}`,
    `{"apiVersion":"v1","kind":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
    '{"apiVersion":"v1","kind":{"toString":1},"metadata":{"name":{"toString":1}}}',
    deep,
    'null',
    good,
  ];
  const response = await fetch(`${server.url}/v1/apply`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: `{"objects":[${texts.join(',')}]}`,
  });
  assert.equal(response.status, 200);
  const { results } = (await response.json()) as ApplyResponse;
  assert.deepEqual(
    results.map(({ outcome }) => outcome),
    ['invalid', 'invalid', 'invalid', 'invalid', 'invalid', 'created'],
  );
  assert.match(results[0]?.message ?? '', /at most 200 levels/);
  for (const refs of [[null], [{ apiVersion: 'v1' }], [{ apiVersion: 1, kind: 'a', name: 'b' }]])
    assert.equal((await post('/v1/delete', { refs })).status, 400);
});

test('a watch since what is no resourceVersion is a bad request, not a stream without an end', async () => {
  for (const since of ['abc', '', '-1', '1e3', '9'.repeat(400)])
    assert.equal((await call(`/v1/watch?since=${since}`)).status, 400);
});

test('no decision is kept for a request id of any length, odd characters included', async () => {
  for (const id of ['x'.repeat(101), 'x'.repeat(15_000), encodeURIComponent('a/b%\u001b')]) {
    const { status, body } = await call(`/v1/decisions/${id}`);
    assert.equal(status, 404);
    assert.match(
      JSON.stringify(body),
      /"BW_UNKNOWN_REQUEST","message":"no decision is kept for request.{0,260}"/,
    );
  }
  // Node itself refuses a longer head (RFC 6585 section 5); what cannot be decoded is a bad request.
  assert.equal((await call(`/v1/decisions/${'x'.repeat(40_000)}`)).status, 431);
  const bad = await call('/v1/decisions/%zz');
  assert.equal(bad.status, 400);
  assert.match(JSON.stringify(bad.body), /"BW_BAD_REQUEST"/);
});
