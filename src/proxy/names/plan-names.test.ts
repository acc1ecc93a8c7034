import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planOf } from '../../../test/support/plan-of.ts';
import { until } from '../../../test/support/until.ts';
import { PlanNames } from './plan-names.ts';

const plan = (hostname: string) =>
  planOf(`apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: class }
spec: { controllerName: gateway.envoyproxy.io/gatewayclass-controller }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: one }
spec: { gatewayClassName: class, listeners: [{ name: http, protocol: HTTP, port: 80 }] }
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: Backend
metadata: { name: one }
spec: { endpoints: [{ fqdn: { hostname: ${hostname}, port: 80 } }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: one }
spec:
  parentRefs: [{ name: one }]
  rules: [{ backendRefs: [{ group: gateway.envoyproxy.io, kind: Backend, name: one }] }]
`);

test('names of the plan in use are followed while another is prepared; those that no plan has are not asked for any more', async () => {
  const zone = new Map([
    ['a.example', ['10.0.0.1']],
    ['b.example', ['10.0.0.2', '10.0.0.3']],
  ]);
  const names = new PlanNames({
    lookUp: async name => ({ addresses: zone.get(name) ?? [], ttlMs: 1 }),
    onEvent: () => {},
  });
  const [a, b] = [plan('a.example'), plan('b.example')];
  const addresses = (of: typeof a) =>
    names.use(of).clusters.flatMap(({ endpoints }) => endpoints.map(each => each.address));
  await names.follow(a);
  assert.deepEqual(addresses(a), ['10.0.0.1']);
  await names.follow(b);
  assert.deepEqual(addresses(a), ['10.0.0.1']);
  await names.follow(b);
  assert.deepEqual(addresses(b), ['10.0.0.2', '10.0.0.3']);
  let changes = 0;
  names.onChange(() => changes++);
  zone.set('a.example', ['10.0.0.9']);
  zone.set('b.example', ['10.0.0.4']);
  await until('a change', async () => changes > 0);
  assert.deepEqual(addresses(b), ['10.0.0.4']);
  assert.deepEqual(addresses(a), [], 'nobody asks for it any more');
  names.close();
});
