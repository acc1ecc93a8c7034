import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { VirtualClock } from '../kernel/virtual-clock-for-test.ts';
import { fileSource, type Source } from './index.ts';

const root = mkdtempSync(join(tmpdir(), 'breakwater-broken-'));
after(() => rmSync(root, { recursive: true }));
// What a writer may be in the middle of is waited for, by seconds.
const { clock, end } = VirtualClock.use();
after(end);

const policy = (limits: string) => `apiVersion: gateway.envoyproxy.io/v1alpha1
kind: BackendTrafficPolicy
metadata: { name: p }
spec:
  targetRefs: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, name: r }]
  circuitBreaker: { ${limits} }
`;
const objective = (priority: number) => `apiVersion: inference.networking.x-k8s.io/v1alpha2
kind: InferenceObjective
metadata: { name: o }
spec: { poolRef: { name: pool }, priority: ${priority} }
`;
const limitOf = (source: Source) =>
  source.current().get('BackendTrafficPolicy', 'default', 'p')?.spec.circuitBreaker?.maxParallelRequests;
const priorityOf = (source: Source) =>
  source.current().get('InferenceObjective', 'default', 'o')?.spec?.priority;
const errorsOf = (source: Source) =>
  source
    .problems()
    .filter(({ severity }) => severity === 'error')
    .map(({ message }) => message);

test('a typing error in a limit leaves the limit, and every other object of the file is taken up', async () => {
  const file = join(mkdtempSync(join(root, 'm')), 'all.yaml');
  writeFileSync(file, `${policy('maxParallelRequests: 4')}---\n${objective(1)}`);
  const source = await fileSource({ paths: [file], watch: true });
  try {
    assert.equal(limitOf(source), 4);
    writeFileSync(file, `${policy('maxParalellRequests: 2')}---\n${objective(2)}`);
    await clock.until('the other object is taken up', () => priorityOf(source) === 2);
    assert.equal(limitOf(source), 4);
    assert.deepEqual(errorsOf(source), [
      'BackendTrafficPolicy default/p: strict decoding error: unknown field "spec.circuitBreaker.maxParalellRequests"; did you mean "maxParallelRequests"?',
    ]);
    assert.deepEqual(source.current().list('OtherPolicy'), []);
    writeFileSync(file, `${policy('maxParallelRequests: 2')}---\n${objective(3)}`);
    await clock.until('it is mended', () => limitOf(source) === 2);
    assert.deepEqual(errorsOf(source), []);
  } finally {
    await source.close();
  }
});

test('a policy that was never good stands there as what it is about; deleted, it is gone', async () => {
  const file = join(mkdtempSync(join(root, 'm')), 'all.yaml');
  writeFileSync(file, `${policy('maxParalellRequests: 4')}---\n${objective(1)}`);
  const source = await fileSource({ paths: [file], watch: true });
  try {
    assert.equal(priorityOf(source), 1);
    assert.equal(limitOf(source), undefined);
    const [standIn] = source.current().list('OtherPolicy');
    assert.equal(standIn?.kind, 'BackendTrafficPolicy');
    assert.equal(standIn?.spec.targetRefs?.[0]?.name, 'r');
    assert.match(standIn?.unreadable?.join() ?? '', /unknown field/);
    writeFileSync(file, objective(2));
    await clock.until('it is gone', () => source.current().list('OtherPolicy').length === 0);
  } finally {
    await source.close();
  }
});

test('where nothing can be read as objects, or one has lost its kind, all of the file stays as it was', async () => {
  for (const broken of [
    'spec: { targetRefs: [',
    policy('maxParallelRequests: 9').replace('kind:', 'knid:'),
  ]) {
    const file = join(mkdtempSync(join(root, 'm')), 'all.yaml');
    writeFileSync(file, `${policy('maxParallelRequests: 4')}---\n${objective(1)}`);
    const source = await fileSource({ paths: [file], watch: true });
    try {
      writeFileSync(file, `${objective(2)}---\n${broken}`);
      await clock.until('the error is told', () => errorsOf(source).length > 0);
      assert.deepEqual([limitOf(source), priorityOf(source)], [4, 1]);
    } finally {
      await source.close();
    }
  }
});

test('unknown fields are left out where that is asked for', async () => {
  const file = join(mkdtempSync(join(root, 'm')), 'all.yaml');
  writeFileSync(file, policy('maxParallelRequests: 4, colour: red'));
  const source = await fileSource({ paths: [file], watch: false, unknownFields: 'warning' });
  await source.close();
  assert.equal(limitOf(source), 4);
  assert.deepEqual(errorsOf(source), []);
  assert.match(source.problems()[0]?.message ?? '', /unknown field "spec\.circuitBreaker\.colour"/);
});

const SLIPS: Readonly<Record<string, (text: string) => string>> = {
  'no apiVersion': text => text.replace(/^apiVersion.*\n/m, ''),
  'apiversion in small letters': text => text.replace('apiVersion', 'apiversion'),
  'a blank apiVersion': text => text.replace(/^apiVersion.*/m, 'apiVersion:'),
  'an apiVersion that is a version alone': text => text.replace(/^apiVersion.*/m, 'apiVersion: v1alpha1'),
  'a name that is no name': text => text.replace('name: p }', 'name: P_P }'),
  'no name': text => text.replace('name: p }', 'naame: p }'),
  'metadata that are a list': text => text.replace('{ name: p }', '[p]'),
};

for (const [slip, edit] of Object.entries(SLIPS))
  test(`${slip} at a live edit is no deletion: the limit stays until the object is mended or removed`, async () => {
    const file = join(mkdtempSync(join(root, 'm')), 'all.yaml');
    const good = policy('maxParallelRequests: 4');
    writeFileSync(file, `${good}---\n${objective(1)}`);
    const source = await fileSource({ paths: [file], watch: true });
    const write = async (first: string, priority: number) => {
      writeFileSync(file, `${first}---\n${objective(priority)}`);
      await clock.until('the edit is taken up', () => priorityOf(source) === priority);
    };
    try {
      for (const priority of [2, 3]) {
        await write(edit(good), priority);
        assert.equal(limitOf(source), 4);
        assert.deepEqual(source.current().list('OtherPolicy'), []);
        assert.ok(errorsOf(source).length > 0);
        const warnings = source.problems().filter(({ severity }) => severity === 'warning');
        assert.match(
          warnings.map(({ message }) => message).join(),
          /missing is kept as it was: BackendTrafficPolicy default\/p$/,
        );
      }
      await write(policy('maxParallelRequests: 5'), 4);
      assert.equal(limitOf(source), 5);
      assert.deepEqual(source.problems(), []);
      await write(edit(good), 5);
      await write('', 6);
      await clock.until('removed, it is gone', () => limitOf(source) === undefined);
    } finally {
      await source.close();
    }
  });

test('a policy that never was good and has lost its apiVersion, or has a name that is none, stands there as what it is about', async () => {
  for (const slip of ['no apiVersion', 'an apiVersion that is a version alone', 'a name that is no name']) {
    const file = join(mkdtempSync(join(root, 'm')), 'all.yaml');
    writeFileSync(file, SLIPS[slip]!(policy('maxParallelRequests: 4')));
    const source = await fileSource({ paths: [file], watch: false });
    await source.close();
    const [standIn] = source.current().list('OtherPolicy');
    assert.equal(standIn?.spec.targetRefs?.[0]?.name, 'r', slip);
    assert.equal(standIn?.metadata.namespace, 'default');
  }
});
