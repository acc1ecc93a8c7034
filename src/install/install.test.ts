import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLUSTER_KINDS, parseObject } from '../api/index.ts';
import type { PolicyRule } from './access-rules.ts';
import { defaultInstallOptions, type InstallOptions, installObjects, PLANES } from './index.ts';
import type { InstallObject } from './install-object.ts';

const defaults = defaultInstallOptions('1.2.3');
const objects = (options: Partial<InstallOptions> = {}) => installObjects({ ...defaults, ...options });
const named = (all: readonly InstallObject[], kind: string) => all.filter(each => each.kind === kind);

/** `VERB RESOURCE.GROUP` of all roles of a kind. */
function rightsOf(all: readonly InstallObject[], kind: 'ClusterRole' | 'Role', namespace?: string): string[] {
  return named(all, kind)
    .filter(({ metadata }) => metadata.namespace === namespace)
    .flatMap(role => role['rules'] as readonly PolicyRule[])
    .flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap(group =>
        resources.flatMap(resource => verbs.map(verb => `${verb} ${resource}.${group}`)),
      ),
    );
}

for (const plane of PLANES) {
  test(`${plane}: no right is given twice, and none is a wildcard`, () => {
    const rights = rightsOf(objects({ plane }), 'ClusterRole');
    assert.deepEqual(rights.toSorted(), [...new Set(rights)].sort());
    assert.doesNotMatch(rights.join('\n'), /\*/);
  });

  test(`${plane}: all kinds that a controller reads may be listed and watched`, () => {
    const rights = new Set(rightsOf(objects({ plane }), 'ClusterRole'));
    for (const { plural, group } of CLUSTER_KINDS)
      for (const verb of ['list', 'watch'])
        assert.ok(rights.has(`${verb} ${plural}.${group}`), `${verb} ${plural}`);
  });
}

test('where namespaces are watched, nothing with a namespace may be read elsewhere', () => {
  const all = objects({ watchNamespaces: ['a', 'b'] });
  const cluster = rightsOf(all, 'ClusterRole');
  assert.deepEqual(cluster.toSorted(), [
    'list gatewayclasses.gateway.networking.k8s.io',
    'list namespaces.',
    'list nodes.',
    'patch gatewayclasses/status.gateway.networking.k8s.io',
    'watch gatewayclasses.gateway.networking.k8s.io',
    'watch namespaces.',
    'watch nodes.',
  ]);
  const everywhere = rightsOf(objects(), 'ClusterRole').toSorted();
  for (const namespace of ['a', 'b'])
    assert.deepEqual([...cluster, ...rightsOf(all, 'Role', namespace)].sort(), everywhere);
});

test('where Gateways are served in some namespaces, what they are made of may be written there alone', () => {
  const isWrite = (right: string) =>
    /^(create|patch|delete) /.test(right) && !/\/status\.| events\./.test(right);
  for (const plane of PLANES) {
    const all = objects({ plane, gatewayNamespaces: ['infra'] });
    assert.deepEqual(rightsOf(all, 'ClusterRole').filter(isWrite), [], plane);
    const everywhere = rightsOf(objects({ plane }), 'ClusterRole').toSorted();
    const together = [...rightsOf(all, 'ClusterRole'), ...rightsOf(all, 'Role', 'infra')].sort();
    assert.deepEqual(together, everywhere, plane);
    const both = objects({ plane, watchNamespaces: ['a', 'infra'], gatewayNamespaces: ['infra'] });
    assert.deepEqual(rightsOf(both, 'Role', 'a').filter(isWrite), [], plane);
    assert.notDeepEqual(rightsOf(both, 'Role', 'infra').filter(isWrite), [], plane);
  }
});

test("two installations share nothing but what the cluster's users make", () => {
  const keys = (all: readonly InstallObject[]) =>
    all.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`);
  const first = keys(objects());
  const second = keys(objects({ namespace: 'other' }));
  assert.deepEqual(
    first.filter(key => second.includes(key)),
    [],
  );
  assert.equal(new Set(first).size, first.length);
});

test('every object that is known here is right', () => {
  for (const object of objects({ gatewayClass: 'breakwater', imagePullSecrets: ['pull'] }))
    assert.deepEqual(parseObject(object).errors, [], object.kind);
});

test('the selectors of Service, PodDisruptionBudget and NetworkPolicy are the labels of the Pods', () => {
  const all = objects();
  const of = (kind: string) => named(all, kind)[0]?.['spec'] as Record<string, unknown>;
  const { template, selector } = of('Deployment') as {
    template: { metadata: { labels: object } };
    selector: { matchLabels: object };
  };
  const { labels } = template.metadata;
  assert.deepEqual(selector.matchLabels, labels);
  assert.deepEqual(of('Service')['selector'], labels);
  assert.deepEqual(of('PodDisruptionBudget')['selector'], { matchLabels: labels });
  assert.deepEqual(of('NetworkPolicy')['podSelector'], { matchLabels: labels });
});
