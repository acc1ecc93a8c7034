import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReferenceGrant } from '../api/index.ts';
import { isReferencePermitted } from './reference-permission.ts';

const from = { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'routes' };
const to = { group: '', kind: 'Service', namespace: 'backends', name: 'web' };

function grant(namespace: string, name?: string): ReferenceGrant {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'ReferenceGrant',
    metadata: { name: 'grant', namespace },
    spec: { from: [from], to: [{ group: '', kind: 'Service', ...(name === undefined ? {} : { name }) }] },
  };
}

test('a reference within a namespace needs no grant', () => {
  assert.ok(isReferencePermitted(from, { ...to, namespace: 'routes' }, []));
});

test('across namespaces a grant where the referent lives, for its kind and name', () => {
  assert.ok(!isReferencePermitted(from, to, []));
  assert.ok(isReferencePermitted(from, to, [grant('backends')]));
  assert.ok(isReferencePermitted(from, to, [grant('backends', 'web')]));
  assert.ok(!isReferencePermitted(from, to, [grant('backends', 'other')]));
  assert.ok(!isReferencePermitted(from, to, [grant('routes')]));
  assert.ok(!isReferencePermitted({ ...from, namespace: 'elsewhere' }, to, [grant('backends')]));
  assert.ok(!isReferencePermitted({ ...from, kind: 'GRPCRoute' }, to, [grant('backends')]));
  assert.ok(!isReferencePermitted(from, { ...to, kind: 'Secret' }, [grant('backends')]));
});
