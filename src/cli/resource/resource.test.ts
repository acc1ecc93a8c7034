import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KindInfo } from '../../admin/wire.ts';
import { parseResourceArguments } from './arguments.ts';
import { findKinds, notFoundMessage } from './named-kinds.ts';
import { parseSelector } from './selector.ts';

const kinds: KindInfo[] = [
  {
    kind: 'Gateway',
    group: 'gateway.networking.k8s.io',
    version: 'v1',
    plural: 'gateways',
    singular: 'gateway',
    shortNames: ['gtw'],
    namespaced: true,
  },
  {
    kind: 'InferencePool',
    group: 'inference.networking.k8s.io',
    version: 'v1',
    plural: 'inferencepools',
    singular: 'inferencepool',
    shortNames: ['infpool'],
    namespaced: true,
  },
  {
    kind: 'InferencePool',
    group: 'inference.networking.x-k8s.io',
    version: 'v1alpha2',
    plural: 'inferencepools',
    singular: 'inferencepool',
    shortNames: [],
    namespaced: true,
  },
  {
    kind: 'Pod',
    group: '',
    version: 'v1',
    plural: 'pods',
    singular: 'pod',
    shortNames: ['po'],
    namespaced: true,
  },
  {
    kind: 'Secret',
    group: '',
    version: 'v1',
    plural: 'secrets',
    singular: 'secret',
    shortNames: [],
    namespaced: true,
  },
];

for (const [word, found] of [
  ['gateways', ['v1']],
  ['GATEWAY', ['v1']],
  ['gtw', ['v1']],
  ['gateways.gateway.networking.k8s.io', ['v1']],
  ['gateways.v1.gateway.networking.k8s.io', ['v1']],
  ['gateways.other.io', []],
  ['InferencePool', ['v1', 'v1alpha2']],
  ['inferencepools.inference.networking.x-k8s.io', ['v1alpha2']],
  ['po', ['v1']],
  ['nothing', []],
] as const)
  test(`the word ${word} names ${found.length} kinds`, () =>
    assert.deepEqual(
      findKinds(word, kinds).map(info => info.version),
      found,
    ));

test('all leaves out what only holds data', () =>
  assert.ok(!findKinds('all', kinds).some(info => info.kind === 'Secret')));

test('what is not there is named as the API server names it', () =>
  assert.equal(notFoundMessage(kinds[0]!, 'x'), 'gateways.gateway.networking.k8s.io "x" not found'));

test('argument forms', () => {
  assert.deepEqual(parseResourceArguments(['gateway']), { form: 'list', types: ['gateway'] });
  assert.deepEqual(parseResourceArguments(['gateway,pods']), { form: 'list', types: ['gateway', 'pods'] });
  assert.deepEqual(parseResourceArguments(['gateway/a', 'pod/b']), {
    form: 'named',
    refs: [
      { type: 'gateway', name: 'a' },
      { type: 'pod', name: 'b' },
    ],
  });
  assert.deepEqual(parseResourceArguments(['gateway', 'a', 'b']), {
    form: 'named',
    refs: [
      { type: 'gateway', name: 'a' },
      { type: 'gateway', name: 'b' },
    ],
  });
  assert.match(String(parseResourceArguments([])), /Required resource/);
  assert.match(String(parseResourceArguments(['gateway', 'gateway/a'])), /there is no need/);
  assert.match(String(parseResourceArguments(['gateway/a/b'])), /single resource and name/);
});

test('label selectors', () => {
  const labels = { app: 'vllm', tier: 'gpu' };
  for (const [text, matches] of [
    ['app=vllm', true],
    ['app==vllm,tier=gpu', true],
    ['app!=vllm', false],
    ['other!=x', true],
    ['app in (vllm, sglang)', true],
    ['app notin (vllm),tier', false],
    ['tier', true],
    ['!tier', false],
    ['', true],
  ] as const)
    assert.equal(parseSelector(text)?.(labels), matches, text);
  assert.equal(parseSelector('app in vllm'), undefined);
});
