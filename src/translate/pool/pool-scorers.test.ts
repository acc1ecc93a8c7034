import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildResourceSet } from '../../api/index.ts';
import { createContext } from '../context.ts';
import { scorerWeights } from './pool-scorers.ts';

function read(annotation: string) {
  const context = createContext(buildResourceSet([]), { controllerNames: [] });
  const pool = {
    apiVersion: 'inference.networking.k8s.io/v1',
    kind: 'InferencePool',
    metadata: {
      name: 'pool',
      namespace: 'default',
      annotations: { 'breakwater.dev/scorer-weights': annotation },
    },
  };
  return { weights: scorerWeights(context, pool), problems: context.problems.list() };
}

test('reads NAME=WEIGHT pairs', () => {
  assert.deepEqual(read('queue-scorer=2, prefix-cache-scorer=0.5'), {
    weights: { 'queue-scorer': 2, 'prefix-cache-scorer': 0.5 },
    problems: [],
  });
});

test('what is none is said, and the rest counts', () => {
  const { weights, problems } = read(
    'queue-scorer=2,prefix-cache-scorer,lora-affinity-scorer=-1,in-flight-scorer=x,queue=1',
  );
  assert.deepEqual(weights, { 'queue-scorer': 2 });
  assert.deepEqual(
    problems.map(({ code, path }) => [code, path.at(-1)]),
    Array.from({ length: 4 }, () => ['annotation-invalid', 'breakwater.dev/scorer-weights']),
  );
});
