import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { buildResourceSet, type KubeObject, parseObject } from '../api/index.ts';
import { translate } from './index.ts';
import { sameInputs } from './same-inputs.ts';

const options = {
  controllerNames: ['gateway.envoyproxy.io/gatewayclass-controller'],
  plane: 'envoy',
  gatewayServices: true,
} as const;
const folder = new URL('./testdata/', import.meta.url);

const cases = readdirSync(folder)
  .filter(name => name.endsWith('.in.yaml'))
  .map(name =>
    parseAllDocuments(readFileSync(new URL(name, folder), 'utf8')).flatMap(
      document => parseObject(document.toJS()).object ?? [],
    ),
  );

const setOf = (objects: readonly KubeObject[]) => buildResourceSet(objects.map(object => ({ object })));

/** An edit of one field of one object, at any depth. */
const edits = fc.record({
  at: fc.nat(),
  path: fc.array(fc.nat(), { minLength: 1, maxLength: 8 }),
  to: fc.constantFrom<unknown>(undefined, 'other', 7, true, []),
});

function edited(object: KubeObject, path: readonly number[], to: unknown): KubeObject {
  const copy = structuredClone(object) as unknown as Record<string, unknown>;
  let at = copy;
  for (const step of path) {
    const keys = Object.keys(at);
    const key = keys[step % keys.length];
    if (key === undefined) break;
    const inner = at[key];
    if (typeof inner !== 'object' || inner === null) {
      if (to === undefined) delete at[key];
      else at[key] = to;
      break;
    }
    at = inner as Record<string, unknown>;
  }
  return copy as unknown as KubeObject;
}

test('sets that are taken for the same translate to the same', () => {
  fc.assert(
    fc.property(fc.constantFrom(...cases), edits, (objects, { at, path, to }) => {
      const changed = parseObject(edited(objects[at % objects.length]!, path, to)).object;
      if (changed === undefined) return;
      const [before, after] = [setOf(objects), setOf(objects.with(at % objects.length, changed))];
      if (!sameInputs(before, after)) return;
      const [a, b] = [translate(before, options), translate(after, options)];
      assert.deepEqual(b.plan, a.plan);
      assert.deepEqual(b.problems, a.problems);
      assert.deepEqual(b.statuses(undefined), a.statuses(undefined));
    }),
    { numRuns: 1000 },
  );
});

test('a status is an input where it is read, and a resourceVersion nowhere', () => {
  const meta = { metadata: { name: 'x', namespace: 'default' } };
  const route = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', ...meta, spec: {} };
  const service = { apiVersion: 'v1', kind: 'Service', ...meta, spec: {} };
  const pod = { apiVersion: 'v1', kind: 'Pod', ...meta };
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'x' } };
  const metadata = { ...meta.metadata, resourceVersion: '2' };
  assert.ok(sameInputs(setOf([route]), setOf([{ ...route, metadata, status: { parents: [] } }])));
  assert.ok(sameInputs(setOf([service, pod]), setOf([{ ...service, metadata }, pod])));
  for (const object of [service, pod, node])
    assert.ok(!sameInputs(setOf([object]), setOf([{ ...object, status: { podIP: '10.0.0.1' } }])));
  assert.ok(!sameInputs(setOf([route]), setOf([{ ...route, metadata: { ...metadata, generation: 2 } }])));
  assert.ok(!sameInputs(setOf([route]), setOf([{ ...route, spec: { hostnames: ['a.example'] } }])));
  assert.ok(!sameInputs(setOf([route]), setOf([])));
  assert.ok(!sameInputs(setOf([route]), setOf([{ ...route, metadata: { ...metadata, name: 'y' } }])));
});
