import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDocument, formatObjectTable, parseOutputFormat } from './objects.ts';
import type { Obj } from './printed-fields.ts';

const created = { creationTimestamp: '1970-01-01T00:00:00Z' };
const options = { nowMs: 30_000, headers: true, namespaces: false, showLabels: false, qualified: false };

function obj(apiVersion: string, kind: string, name: string, rest: object, metadata: object = {}): Obj {
  return { apiVersion, kind, metadata: { name, namespace: 'default', ...created, ...metadata }, ...rest };
}

const gateway = obj('gateway.networking.k8s.io/v1', 'Gateway', 'example-gateway', {
  spec: { gatewayClassName: 'example-gateway-class' },
  status: {
    addresses: [{ type: 'IPAddress', value: '127.0.0.1:10080' }],
    conditions: [{ type: 'Programmed', status: 'True' }],
  },
});
const pod = obj('v1', 'Pod', 'vllm-7d9-abcde', {
  spec: { containers: [{ name: 'lora' }], nodeName: 'this-machine' },
  status: { phase: 'Running', podIP: '127.0.0.2', containerStatuses: [{ ready: true, restartCount: 0 }] },
});

for (const [name, object, wide, lines] of [
  [
    'Gateway',
    gateway,
    false,
    [
      'NAME              CLASS                   ADDRESS           PROGRAMMED   AGE',
      'example-gateway   example-gateway-class   127.0.0.1:10080   True         30s',
    ],
  ],
  [
    'HTTPRoute',
    obj('gateway.networking.k8s.io/v1', 'HTTPRoute', 'test-httproute', {
      spec: { hostnames: ['example.com'] },
    }),
    false,
    ['NAME             HOSTNAMES         AGE', 'test-httproute   ["example.com"]   30s'],
  ],
  [
    'Pod',
    pod,
    false,
    [
      'NAME             READY   STATUS    RESTARTS   AGE',
      'vllm-7d9-abcde   1/1     Running   0          30s',
    ],
  ],
  [
    'Pod -o wide',
    pod,
    true,
    [
      'NAME             READY   STATUS    RESTARTS   AGE   IP          NODE           NOMINATED NODE   READINESS GATES',
      'vllm-7d9-abcde   1/1     Running   0          30s   127.0.0.2   this-machine   <none>           <none>',
    ],
  ],
  [
    'Deployment',
    obj('apps/v1', 'Deployment', 'd', {
      spec: { replicas: 2 },
      status: { readyReplicas: 1, updatedReplicas: 2 },
    }),
    false,
    ['NAME   READY   UP-TO-DATE   AVAILABLE   AGE', 'd      1/2     2            0           30s'],
  ],
  [
    'Service',
    obj('v1', 'Service', 'sleep', { spec: { ports: [{ port: 80 }], selector: { app: 'sleep' } } }),
    true,
    [
      'NAME    TYPE        CLUSTER-IP   EXTERNAL-IP   PORT(S)   AGE   SELECTOR',
      'sleep   ClusterIP   <none>       <none>        80/TCP    30s   app=sleep',
    ],
  ],
  [
    'InferenceModel',
    obj('inference.networking.x-k8s.io/v1alpha2', 'InferenceModel', 'm', {
      spec: { modelName: '/model/llama2', criticality: 'Critical', poolRef: { name: 'p' } },
    }),
    false,
    [
      'NAME   MODEL NAME      INFERENCE POOL   CRITICALITY   AGE',
      'm      /model/llama2   p                Critical      30s',
    ],
  ],
  [
    'a kind without columns of its own',
    obj('gateway.envoyproxy.io/v1alpha1', 'BackendTrafficPolicy', 'circuitbreaker-for-route', {}),
    false,
    ['NAME                       AGE', 'circuitbreaker-for-route   30s'],
  ],
] as const)
  test(`the table of ${name}`, () =>
    assert.equal(formatObjectTable([object as Obj], wide, options), `${lines.join('\n')}\n`));

test('namespaces, labels, qualified names, no headers', () => {
  const labelled = obj('apps/v1', 'Deployment', 'd', {}, { labels: { b: '2', a: '1' } });
  assert.equal(
    formatObjectTable([labelled], false, {
      ...options,
      headers: false,
      namespaces: true,
      showLabels: true,
      qualified: true,
    }),
    'default   deployment.apps/d   0/1   0     0     30s   a=1,b=2\n',
  );
});

test('documents: fields sorted, one object bare, several as a List', async () => {
  const one = obj('v1', 'Pod', 'p', { zebra: 1, ant: { b: 1, a: 2 } });
  assert.equal(
    await formatDocument([one], true, { kind: 'yaml' }),
    'ant:\n  a: 2\n  b: 1\napiVersion: v1\nkind: Pod\nmetadata:\n  creationTimestamp: "1970-01-01T00:00:00Z"\n  name: p\n  namespace: default\nzebra: 1\n',
  );
  const list = JSON.parse(await formatDocument([one, one], false, { kind: 'json' }));
  assert.equal(list.kind, 'List');
  assert.equal(list.items.length, 2);
  assert.equal(
    await formatDocument([gateway, pod], false, { kind: 'name' }),
    'gateway.gateway.networking.k8s.io/example-gateway\npod/vllm-7d9-abcde\n',
  );
  const jsonpath = parseOutputFormat('jsonpath={.status.addresses[0].value}');
  assert.ok(jsonpath?.kind === 'jsonpath');
  assert.equal(await formatDocument([gateway], true, jsonpath), '127.0.0.1:10080');
});

test('-o values', () => {
  assert.deepEqual(parseOutputFormat(undefined), { kind: 'table', wide: false });
  assert.deepEqual(parseOutputFormat('wide'), { kind: 'table', wide: true });
  assert.equal(parseOutputFormat('xml'), undefined);
});
