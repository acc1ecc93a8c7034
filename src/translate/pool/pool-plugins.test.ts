import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildResourceSet } from '../../api/index.ts';
import { createContext } from '../translation-context.ts';
import { PLUGINS } from './plugins-for-test.ts';
import { poolPlugins } from './pool-plugins.ts';

function read(annotations: Record<string, string>) {
  const context = createContext(buildResourceSet([]), { controllerNames: [], plugins: PLUGINS });
  const prefixed = Object.entries(annotations).map(([name, value]) => [`breakwater.dev/${name}`, value]);
  const metadata = { name: 'pool', namespace: 'default', annotations: Object.fromEntries(prefixed) };
  const pool = { apiVersion: 'inference.networking.k8s.io/v1', kind: 'InferencePool', metadata };
  return { ...poolPlugins(context, pool), problems: context.problems.list() };
}

test('without an annotation all plugins are as by default', () => {
  assert.deepEqual(read({}), { uses: [], problems: [] });
});

test('the short form has the weights of scorers', () => {
  assert.deepEqual(read({ 'scorer-weights': 'queue-scorer=2, prefix-cache-scorer=0.5' }), {
    uses: [
      { name: 'queue-scorer', weight: 2 },
      { name: 'prefix-cache-scorer', weight: 0.5 },
    ],
    problems: [],
  });
});

test('a part of the short form that is none is said, and the rest counts', () => {
  const { uses, problems, passedOver, refused } = read({
    'scorer-weights':
      'queue-scorer=2,prefix-cache-scorer,queue-scorer=-1,prefix-cache-scorer=x,queue=1,zone-filter=1',
  });
  assert.deepEqual(uses, [{ name: 'queue-scorer', weight: 2 }]);
  assert.deepEqual(
    problems.map(({ code, path }) => [code, path.at(-1)]),
    Array.from({ length: 5 }, () => ['annotation-invalid', 'breakwater.dev/scorer-weights']),
  );
  assert.match(passedOver ?? '', /no scorer is called "queue", only queue-scorer, prefix-cache-scorer/);
  assert.equal(refused, undefined);
});

test('the list has plugins with weights and parameters', () => {
  const plugins = `
    - name: prefix-cache-scorer
      weight: 5
      parameters: { blocks: 64 }
    - { name: queue-scorer, weight: 0 }
    - { name: zone-filter }`;
  assert.deepEqual(read({ plugins }), {
    uses: [
      { name: 'prefix-cache-scorer', weight: 5, parameters: { blocks: 64 } },
      { name: 'queue-scorer', weight: 0 },
      { name: 'zone-filter' },
    ],
    problems: [],
  });
});

test('a list that does not say what is meant is refused as a whole, and each reason is said', () => {
  for (const [plugins, message] of [
    ['- { name: queue }', /^\[0\]: no plugin is called "queue", only queue-scorer, .*zone-filter$/],
    ['- { name: queue-scorer, wieght: 1 }', /^\[0\]: unknown field "wieght"$/],
    ['- { name: queue-scorer, weight: -1 }', /^\[0\]: expected a weight from 0 to 1000000, got -1$/],
    ['- { name: queue-scorer, weight: .inf }', /^\[0\]: expected a weight from 0 to 1000000/],
    ['- { name: zone-filter, weight: 1 }', /^\[0\]: zone-filter is a filter, and has no weight$/],
    ['- { name: queue-scorer, parameters: [1] }', /^\[0\]: expected an object as parameters$/],
    ['- { name: queue-scorer, parameters: { a: 1 } }', /^\[0\]: queue-scorer: a is wrong$/],
    ['- { name: queue-scorer }\n- { name: queue-scorer }', /^\[1\]: queue-scorer is named before$/],
    ['- queue-scorer', /^\[0\]: expected an object with a name$/],
    ['queue-scorer=2', /^expected a list in YAML/],
    ['- {', /^expected a list in YAML/],
    ['- &a { name: queue-scorer }\n- *a', /^expected a list in YAML/],
    ['', /^expected a list in YAML/],
    [
      '- { name: queue-scorer, weight: 1.7e308 }',
      /^\[0\]: expected a weight from 0 to 1000000, got 1\.7e\+308$/,
    ],
    ['- { name: queue-scorer, weight: .nan }', /^\[0\]: expected a weight from 0 to 1000000, got NaN$/],
    ['- { name: queue-scorer }\n---\n- { name: zone-filter }', /^expected a list in YAML/],
  ] as const) {
    const { uses, refused, problems } = read({ plugins });
    assert.deepEqual(uses, [], plugins);
    assert.deepEqual(
      problems.map(({ severity, code, path }) => [severity, code, path.at(-1)]),
      [['error', 'annotation-invalid', 'breakwater.dev/plugins']],
      plugins,
    );
    assert.match(problems[0]!.message, message);
    assert.equal(refused, `annotation breakwater.dev/plugins: ${problems[0]!.message}`);
  }
});

test('both forms at once are refused: which is meant cannot be told', () => {
  const { refused } = read({ plugins: '- { name: queue-scorer }', 'scorer-weights': 'queue-scorer=1' });
  assert.match(refused ?? '', /scorer-weights stands beside it/);
});

test('an annotation of a size that nobody means is not parsed, whichever form it is in', () => {
  const keys = Array.from({ length: 20_000 }, (_, i) => `a${i}: 1`).join();
  const plugins = `- { name: queue-scorer, parameters: { ${keys} } }`;
  const sinceMs = performance.now();
  const { refused } = read({ plugins });
  assert.equal(
    refused,
    `annotation breakwater.dev/plugins: expected at most 4096 characters, got ${plugins.length}: none of it is read`,
  );
  const { uses, passedOver } = read({ 'scorer-weights': 'queue-scorer=1,'.repeat(1000) });
  assert.deepEqual(uses, []);
  assert.match(passedOver ?? '', /expected at most 4096 characters, got 15000: none of it is read$/);
  // It took half a minute, and the main thread did nothing else.
  assert.ok(performance.now() - sinceMs < 2000);
});

test('of many reasons ten are told, and the others counted', () => {
  const { refused, problems } = read({ plugins: '- { name: x }\n'.repeat(200) });
  assert.equal(problems.length, 11);
  assert.match(refused ?? '', /\[9\]: no plugin is called "x", only [^;]*; 190 more$/);
});
