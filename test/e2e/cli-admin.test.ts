import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { type AdminServer, startAdminServer } from '../../src/admin/admin-server.ts';
import { writeStateFile } from '../../src/admin/state-file.ts';
import { MAX_OBJECTS } from '../../src/admin/wire.ts';
import { CONTROLLER_NAMES } from '../../src/control/controller-names.ts';
import { EventLog } from '../../src/control/event-log.ts';
import { Runtime } from '../../src/control/runtime.ts';
import { fileSource, type OverlaySource, overlaySource } from '../../src/source/index.ts';
import { IdlePlane, oneForeignPod } from '../support/idle-plane.ts';
import { seed, Workplace } from './cli-process.ts';

// The commands against an admin API, without a data plane below it.
const place = new Workplace();
let source: OverlaySource;
let runtime: Runtime;
let server: AdminServer;

before(async () => {
  source = overlaySource(await fileSource({ paths: [seed], watch: false }));
  runtime = new Runtime(
    { source, workloads: oneForeignPod, plane: new IdlePlane(), controllerNames: CONTROLLER_NAMES },
    new EventLog(Date.now),
  );
  await runtime.refresh();
  server = await startAdminServer({ runtime, token: 'secret', address: '127.0.0.1:0' });
  writeStateFile(
    { pid: process.pid, url: server.url, token: 'secret', cwd: place.folder, startedAtMs: 1, version: '0' },
    `${place.folder}/breakwater`,
  );
});

after(async () => {
  runtime.close();
  await server.close();
  await source.close();
  await place.close();
});

const stdout = async (...args: string[]) => {
  const result = await place.run(args);
  assert.equal(result.stderr, '');
  return result.stdout;
};

test("the page's address", async () => {
  assert.equal(
    await stdout('get', 'gateway/example-gateway', '-o', 'jsonpath={.status.addresses[0].value}'),
    '127.0.0.1:10080',
  );
});

test('tables of one kind, of several, of all', async () => {
  assert.match(
    await stdout('get', 'gtw'),
    /^NAME {14}CLASS {19}ADDRESS {11}PROGRAMMED {3}AGE\nexample-gateway {3}example-gateway-class {3}127\.0\.0\.1:10080 {3}True {9}\d+s\n$/,
  );
  assert.match(
    await stdout('get', 'httproute,btp'),
    /^NAME +HOSTNAMES +AGE\nhttproute\.gateway\.networking\.k8s\.io\/test-httproute +\["example\.com"\] +\d+s\n\nNAME +AGE\nbackendtrafficpolicy\.gateway\.envoyproxy\.io\/circuitbreaker-for-route +\d+s\n$/,
  );
  const all = await stdout('get', 'all', '-A');
  for (const name of [
    'inferencepool.inference.networking.x-k8s.io/vllm-llama2-7b-pool',
    'pod/vllm-0',
    'deployment.apps/sleep',
  ])
    assert.ok(all.includes(name), name);
  assert.equal(await stdout('get', 'pods', '--no-headers', '-o', 'name'), 'pod/vllm-0\n');
});

test('missing objects do not keep the others from being printed', async () => {
  const { code, stdout: found, stderr } = await place.run(['get', 'deploy', 'sleep', 'x', '-o', 'name']);
  assert.equal(code, 1);
  assert.equal(found, 'deployment.apps/sleep\n');
  assert.equal(stderr, 'Error from server (NotFound): deployments.apps "x" not found\n');
});

test('describe, limits, explain', async () => {
  assert.match(
    await stdout('describe', 'btp', 'circuitbreaker-for-route'),
    /Limits in use:\n.*\n.*maxParallelRequests +1 +1 +2 /,
  );
  assert.match(await stdout('describe', 'gateway'), /Listener http \(1 routes attached\):/);
  assert.match(await stdout('limits'), /maxPendingRequests +0 +1 +0 +default\/circuitbreaker-for-route\n/);
  assert.match(await stdout('explain', 'known'), /Verdict: {5}picked 127\.0\.0\.9:8000/);
});

test('exec passes streams and exit code', async () => {
  const {
    code,
    stdout: out,
    stderr,
  } = await place.run(['exec', 'deployment/sleep', '-it', '--', 'sh', '-c', 'echo hi; exit 3']);
  assert.deepEqual([code, out], [3, 'hi\n']);
  assert.match(stderr, /deployment\/sleep has no container here; running sh on this machine/);
  const missing = await place.run(['exec', 'deployment/sleep', '--', 'no-such-command']);
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /BW_UNKNOWN_COMMAND/);
});

test('apply and delete of a whole folder', async () => {
  const again = await place.run(['apply', '-f', seed]);
  assert.deepEqual([again.code, again.stderr], [0, '']);
  assert.ok(
    again.stdout.split('\n').every(line => line === '' || line.endsWith(' unchanged')),
    again.stdout,
  );
  assert.match(
    await stdout('delete', '-f', `${seed}/sleep.yaml`),
    /^serviceaccount "sleep" deleted\nservice "sleep" deleted\ndeployment\.apps "sleep" deleted\n$/,
  );
  const gone = await place.run(['delete', 'deployment/sleep']);
  assert.match(gone.stderr, /NotFound.*deployments\.apps "sleep" not found/);
  assert.match(
    await stdout('apply', '-f', `${seed}/sleep.yaml`),
    /^serviceaccount\/sleep created\nservice\/sleep created\ndeployment\.apps\/sleep created\n$/,
  );
});

test('more objects than one request takes are applied and deleted in parts', async () => {
  const count = MAX_OBJECTS + 1;
  const file = `${place.folder}/many.yaml`;
  const objects = Array.from(
    { length: count },
    (_, i) => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: m${i} }\n`,
  );
  writeFileSync(file, objects.join('---\n'));
  const created = await stdout('apply', '-f', file);
  assert.equal(created.match(/^configmap\/m\d+ created$/gm)?.length, count);
  const deleted = await stdout('delete', '-f', file);
  assert.equal(deleted.match(/^configmap "m\d+" deleted$/gm)?.length, count);
  rmSync(file);
});

test('get -w prints what changes', async () => {
  const { child, output } = place.start(['get', 'configmap', '-w', '-o', 'name']);
  await output.until(/configmap\/chat-template\n/);
  const manifest = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'new' } });
  await place.run(['apply', '-f', '-'], manifest);
  await output.until(/configmap\/new\n/);
  child.kill();
});

test('a server that is named is the one that is asked', async () => {
  const { code, stderr } = await place.run(['get', 'pods', '--server', 'http://127.0.0.1:1']);
  assert.equal(code, 1);
  assert.match(stderr, /BW_SERVER_UNREACHABLE/);
});
