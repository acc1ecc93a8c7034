import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnknownFields } from './unknown-fields.ts';

const REFUSAL = `failed to create typed patch object (ns/pool; inference.networking.k8s.io/v1, Kind=InferencePool): errors:
  .status.parents[0].controllerName: field not declared in schema
  .status.parents[1].controllerName: field not declared in schema
  .status.listeners[name="a].b"].more: field not declared in schema`;

test('what an API server does not know is left out, wherever it is in the lists, and nothing else', () => {
  const unknown = new UnknownFields();
  const status = {
    controllerName: 'stays',
    parents: [{ controllerName: 'a', conditions: [{ type: 'x' }] }, { controllerName: 'b' }, {}],
    listeners: [{ name: 'l', more: { a: 1 } }],
  };
  assert.equal(unknown.learn('pool', REFUSAL), true);
  assert.deepEqual(unknown.without('pool', status), {
    controllerName: 'stays',
    parents: [{ conditions: [{ type: 'x' }] }, {}, {}],
    listeners: [{ name: 'l' }],
  });
  assert.equal(unknown.without('another', status), status);
});

test('what is known to be unknown is no news, nor is another refusal', () => {
  const unknown = new UnknownFields();
  assert.equal(unknown.learn('pool', REFUSAL), true);
  assert.equal(unknown.learn('pool', REFUSAL), false);
  assert.equal(unknown.learn('pool', 'admission webhook denied: .status.parents: too long'), false);
});
