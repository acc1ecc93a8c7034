import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Gateway } from '../../api/index.ts';
import { infrastructureName } from './gateway-object-names.ts';

function named(namespace: string, name: string): string {
  const spec = { gatewayClassName: 'c', listeners: [] };
  return infrastructureName({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { namespace, name },
    spec,
  } as Gateway);
}

test("a Gateway's objects are called as Envoy Gateway calls them", () => {
  // printf default/eg | sha256sum
  assert.equal(named('default', 'eg'), 'envoy-default-eg-e41e7b31');
});

test('names are labels of DNS, however long or dotted the Gateway is called, and tell Gateways apart', () => {
  const names = [
    named('a'.repeat(63), 'b'.repeat(253)),
    named('a'.repeat(63), `${'b'.repeat(252)}c`),
    named('a', 'b.c'),
    named('a', 'b-c'),
    named('a-b', 'c'),
    named('a'.repeat(47), 'b'),
  ];
  for (const name of names) assert.match(name, /^[a-z]([-a-z0-9]{0,61})[a-z0-9]$/);
  assert.equal(new Set(names).size, names.length);
});
