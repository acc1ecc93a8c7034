import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ASKED_NOTHING } from '../dialect/index.ts';
import { askedFor } from '../picker/asked-for-test.ts';
import type { Model, Pool } from '../plan/index.ts';
import { readModelRequest } from './model-request.ts';

const model = (modelName: string, targetModels: Model['targetModels'] = []): Model => ({
  source: { kind: 'InferenceModel', namespace: 'default', name: modelName },
  modelName,
  criticality: 'Critical',
  targetModels,
});

function pool(...models: Model[]): Pool {
  return {
    name: 'default/pool',
    source: { kind: 'InferencePool', namespace: 'default', name: 'pool' },
    endpoints: [],
    models,
    failureMode: 'FailClose',
  };
}

function read(body: string, of: Pool, random = 0, objective = '') {
  const request = readModelRequest(of, body === '' ? ASKED_NOTHING : askedFor(body), random, objective);
  if ('invalid' in request) return request.invalid;
  return { model: request.model, target: request.targetModel, criticality: request.criticality };
}

test("the body's model chooses the InferenceModel; of several targets one is drawn by weight", () => {
  const targets = [
    { name: 'v1', weight: 9 },
    { name: 'v2', weight: 1 },
  ];
  const two = pool(model('a', targets), model('b'));
  assert.deepEqual(read('{"model":"a"}', two, 0.89), { model: 'a', target: 'v1', criticality: 'Critical' });
  assert.deepEqual(read('{"model":"a"}', two, 0.91), { model: 'a', target: 'v2', criticality: 'Critical' });
  assert.deepEqual(read('{"model":"b"}', two), { model: 'b', target: 'b', criticality: 'Critical' });
});

test("a model that no InferenceModel names is passed on as it is, with the pool's default criticality", () => {
  assert.deepEqual(read('{"model":"x"}', pool(model('a'))), {
    model: 'x',
    target: 'x',
    criticality: 'Sheddable',
  });
  const standard: Pool = { ...pool(), defaultCriticality: 'Standard' };
  assert.deepEqual(read('{"model":"x"}', standard), { model: 'x', target: 'x', criticality: 'Standard' });
});

test("without a model: the pool's only InferenceModel, or none of several", () => {
  assert.deepEqual(read('{}', pool(model('a'))), { model: '', target: '', criticality: 'Critical' });
  assert.deepEqual(read('{}', pool(model('a'), model('b'))), {
    model: '',
    target: '',
    criticality: 'Sheddable',
  });
  assert.deepEqual(read('', pool(model('a'))), { model: '', target: '', criticality: 'Critical' });
});

test('what cannot be read is a request without a model; a pool that renames models refuses it', () => {
  const alias = pool(model('a', [{ name: 'a-v2', weight: 1 }]));
  const nested = `{"model":"a","tools":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
  for (const body of ['{"model":', 'nonsense', '"text"', 'null', '7', nested]) {
    assert.deepEqual(read(body, pool()), { model: '', target: '', criticality: 'Sheddable' }, body);
    assert.match(String(read(body, alias)), /^The request body is /, body);
  }
  const same = pool(model('a', [{ name: 'a', weight: 1 }]));
  assert.deepEqual(read(nested, same), { model: '', target: '', criticality: 'Critical' });
  assert.deepEqual(
    read('[1]', alias),
    { model: '', target: '', criticality: 'Critical' },
    'a list names none',
  );
});

test('an InferenceObjective that the request names counts before its model; one that is not there does not', () => {
  const of: Pool = { ...pool(model('a')), objectives: { batch: 'Sheddable', urgent: 'Critical' } };
  const criticality = (body: string, objective: string) => {
    const got = read(body, of, 0, objective);
    return typeof got === 'string' ? got : got.criticality;
  };
  assert.equal(criticality('{"model":"a"}', 'batch'), 'Sheddable');
  assert.equal(criticality('{"model":"x"}', 'urgent'), 'Critical');
  assert.equal(criticality('', 'batch'), 'Sheddable');
  for (const name of ['', 'other', 'constructor', '__proto__']) {
    assert.equal(criticality('{"model":"a"}', name), 'Critical', name);
    assert.equal(criticality('{"model":"x"}', name), 'Sheddable', name);
  }
});
