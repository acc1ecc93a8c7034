import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { KnownKind } from './kinds.ts';
import { parseObject } from './parse-object.ts';

/**
 * `testdata/api-server.txt` holds what Kubernetes itself says (apiextensions-apiserver v0.34.1 with the CRDs of Gateway API
 * v1.6.1, Inference Extension v0.5.1 and v1.5.0, Envoy Gateway v1.9.0): a kind, one field of an object that is otherwise
 * right, and below it the errors and unknown fields, none where it is taken. An absent field is `null`.
 */
const table = readFileSync(new URL('testdata/api-server.txt', import.meta.url), 'utf8');

const GATEWAY = 'gateway.networking.k8s.io';
const ENVOY_GATEWAY = 'gateway.envoyproxy.io/v1alpha1';
const INFERENCE_X = 'inference.networking.x-k8s.io/v1alpha2';

const right: Partial<Record<KnownKind, () => { apiVersion: string; spec: unknown }>> = {
  GatewayClass: () => ({
    apiVersion: `${GATEWAY}/v1`,
    spec: { controllerName: 'gateway.envoyproxy.io/gatewayclass-controller' },
  }),
  Gateway: () => ({
    apiVersion: `${GATEWAY}/v1`,
    spec: { gatewayClassName: 'c', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
  }),
  HTTPRoute: () => ({
    apiVersion: `${GATEWAY}/v1`,
    spec: {
      parentRefs: [{ name: 'g' }],
      rules: [
        {
          matches: [{ path: { type: 'PathPrefix', value: '/a' } }],
          backendRefs: [{ name: 's', port: 80 }],
        },
      ],
    },
  }),
  ReferenceGrant: () => ({
    apiVersion: `${GATEWAY}/v1beta1`,
    spec: {
      from: [{ group: GATEWAY, kind: 'HTTPRoute', namespace: 'a' }],
      to: [{ group: '', kind: 'Service' }],
    },
  }),
  BackendTrafficPolicy: () => ({
    apiVersion: ENVOY_GATEWAY,
    spec: { targetRefs: [{ group: GATEWAY, kind: 'HTTPRoute', name: 'r' }] },
  }),
  Backend: () => ({
    apiVersion: ENVOY_GATEWAY,
    spec: { endpoints: [{ ip: { address: '1.2.3.4', port: 80 } }] },
  }),
  InferencePoolV1Alpha2: () => ({
    apiVersion: INFERENCE_X,
    spec: { selector: { app: 'a' }, targetPortNumber: 8000, extensionRef: { name: 'e' } },
  }),
  InferencePoolV1: () => ({
    apiVersion: 'inference.networking.k8s.io/v1',
    spec: {
      selector: { matchLabels: { app: 'a' } },
      targetPorts: [{ number: 8000 }],
      endpointPickerRef: { name: 'e', port: { number: 9002 } },
    },
  }),
  InferenceModel: () => ({ apiVersion: INFERENCE_X, spec: { modelName: 'm', poolRef: { name: 'p' } } }),
  InferenceObjective: () => ({ apiVersion: INFERENCE_X, spec: { poolRef: { name: 'p' } } }),
};

function objectWith(id: KnownKind, path: readonly string[], value: unknown): object {
  const object = {
    kind: id.replace(/V1(Alpha2)?$/, ''),
    metadata: { name: 'x', namespace: 'default' },
    ...right[id]!(),
  };
  let at = object as unknown as Record<string, unknown>;
  for (const part of path.slice(0, -1)) at = at[part] as Record<string, unknown>;
  at[path.at(-1)!] = value;
  return object;
}

for (const [id, build] of Object.entries(right)) {
  test(`an API server takes the ${id} that the table changes`, () => {
    const { errors, warnings } = parseObject(objectWith(id as KnownKind, ['spec'], build().spec));
    assert.deepEqual([errors, warnings], [[], []]);
  });
}

for (const block of table.split(/\n(?! )/).filter(text => text !== '')) {
  const [title = '', ...expected] = block.split('\n');
  const [, id, path = '', value = ''] = /^(\w+) (.+?)=(.*)$/.exec(title) ?? [];
  test(`as an API server: ${title}`, () => {
    const object = objectWith(id as KnownKind, path.split('.'), JSON.parse(value));
    const { errors, warnings } = parseObject(object);
    const actual = [...errors, ...warnings].map(({ message }) => message).sort();
    assert.deepEqual(
      actual,
      expected.map(line => line.slice(2)),
    );
  });
}
