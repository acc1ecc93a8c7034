import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers, isApplied, type LiveObject, sealed, type WantedObject, writtenPart } from './difference.ts';

const wanted: WantedObject & { spec: object } = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'a', namespace: 'ns', annotations: { note: 'b' } },
  spec: { type: 'ClusterIP', ports: [{ port: 80 }], externalIPs: [] },
};

/** As an API server gives it back: with its own fields, and without what is empty. */
function live(from: WantedObject, spec: object = {}): LiveObject {
  const { metadata } = from;
  return {
    ...from,
    metadata: { ...metadata, uid: 'u', resourceVersion: '7' },
    spec: { type: 'ClusterIP', clusterIP: '10.0.0.1', ports: [{ port: 80, protocol: 'TCP' }], ...spec },
    status: { loadBalancer: {} },
  } as LiveObject;
}

test('what an API server adds is no difference', () => {
  assert.equal(isApplied(sealed(wanted), live(sealed(wanted))), true);
});

test('what was changed by somebody else is a difference', () => {
  assert.equal(isApplied(sealed(wanted), live(sealed(wanted), { type: 'NodePort' })), false);
  assert.equal(isApplied(sealed(wanted), live(sealed(wanted), { ports: [] })), false);
  assert.equal(
    isApplied(sealed(wanted), live(sealed(wanted), { ports: [{ port: 80 }, { port: 81 }] })),
    false,
  );
});

test('a field that is not wanted any more is a difference, though all that is wanted is there', () => {
  const more = sealed({ ...wanted, metadata: { ...wanted.metadata, labels: { old: 'x' } } } as WantedObject);
  assert.equal(covers(live(more), wanted), true);
  assert.equal(isApplied(sealed(wanted), live(more)), false);
});

test('the hash is of the content, and is the same each time', () => {
  assert.deepEqual(sealed(wanted), sealed(structuredClone(wanted)));
  assert.notDeepEqual(sealed(wanted).metadata, sealed({ ...wanted, spec: {} } as WantedObject).metadata);
  assert.equal(sealed(wanted).metadata.annotations?.['note'], 'b');
});

test('statuses and versions are no part of what is written, and what others add is no change of it', () => {
  const before = live(wanted);
  const after = { ...before, metadata: { ...before.metadata, resourceVersion: '8' }, status: { x: 1 } };
  assert.deepEqual(writtenPart(after), writtenPart(before));
  assert.equal(covers(live(wanted, { externalName: 'theirs' }), writtenPart(before)), true);
  assert.equal(covers(live(wanted, { type: 'NodePort' }), writtenPart(before)), false);
});
