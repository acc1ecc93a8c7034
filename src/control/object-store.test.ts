import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ObjectStore } from './object-store.ts';

function store() {
  let second = 0;
  let uid = 0;
  return new ObjectStore(
    () => new Date(1_000 * second++),
    () => `uid-${++uid}`,
  );
}

function pod(name: string, spec: object) {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec };
}

test('an object gets what an API server gives it', () => {
  const objects = store();
  const events = objects.replace([{ object: pod('a', { x: 1 }) }]);
  assert.deepEqual(events, [
    {
      type: 'ADDED',
      object: {
        ...pod('a', { x: 1 }),
        metadata: {
          name: 'a',
          namespace: 'default',
          uid: 'uid-1',
          creationTimestamp: '1970-01-01T00:00:00Z',
          generation: 1,
          resourceVersion: '1',
        },
      },
    },
  ]);
});

test('nothing changed: no event, same resourceVersion', () => {
  const objects = store();
  const ready = { conditions: [{ type: 'Ready', status: 'True' }] };
  objects.replace([{ object: pod('a', { x: 1 }), status: ready }]);
  const version = objects.resourceVersion;
  assert.deepEqual(objects.replace([{ object: pod('a', { x: 1 }), status: ready }]), []);
  assert.equal(objects.resourceVersion, version);
});

test('generation counts changes of spec, not of status', () => {
  const objects = store();
  objects.replace([{ object: pod('a', { x: 1 }) }]);
  const [status] = objects.replace([{ object: pod('a', { x: 1 }), status: { phase: 'Running' } }]);
  assert.equal(status?.type, 'MODIFIED');
  assert.equal(status?.object.metadata.generation, 1);
  const [spec] = objects.replace([{ object: pod('a', { x: 2 }), status: { phase: 'Running' } }]);
  assert.equal(spec?.object.metadata.generation, 2);
  assert.equal(spec?.object.metadata.uid, 'uid-1');
  assert.equal(spec?.object.metadata.creationTimestamp, '1970-01-01T00:00:00Z');
});

test('what is gone is deleted, and made anew it is another object', () => {
  const objects = store();
  const told: string[] = [];
  const stop = objects.onChange(events => told.push(...events.map(event => event.type)));
  objects.replace([{ object: pod('a', {}) }]);
  objects.replace([]);
  stop();
  const [again] = objects.replace([{ object: pod('a', {}) }]);
  assert.deepEqual(told, ['ADDED', 'DELETED']);
  assert.equal(again?.object.metadata.uid, 'uid-2');
});

test('filters', () => {
  const objects = store();
  objects.replace([{ object: pod('a', {}) }, { object: { ...pod('b', {}), apiVersion: 'x.io/v1' } }]);
  assert.equal(objects.list({ kind: 'Pod' }).length, 2);
  assert.equal(objects.list({ kind: 'Pod', group: '' }).length, 1);
  assert.equal(objects.list({ namespace: 'other' }).length, 0);
});

test('the copy of a Secret that kubectl keeps in an annotation leaves by no list and no watch', () => {
  const objects = store();
  const annotations = {
    'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"key":"c2VjcmV0"}}',
    own: 'x',
  };
  const metadata = { name: 'a', namespace: 'default', annotations, managedFields: [{ manager: 'kubectl' }] };
  const events = objects.replace([{ object: { apiVersion: 'v1', kind: 'Secret', metadata } }]);
  const text = JSON.stringify([events, objects.list()]);
  assert.doesNotMatch(text, /c2VjcmV0|managedFields/);
  assert.match(text, /"own":"x"/);
});
