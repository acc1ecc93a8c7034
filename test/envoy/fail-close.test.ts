import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onePicker } from '../../src/envoy/resources/picker-places.ts';
import { planMessages } from '../../src/envoy/resources/plan-messages.ts';
import { answer, Upstream } from '../proxy/support/upstream.ts';
import { EnvoyProcess } from '../support/envoy-process.ts';
import { freePort } from '../support/free-port.ts';
import { planOf } from '../support/plan-of.ts';
import { staticBootstrap } from '../support/static-envoy.ts';

/** One rule that shares its requests between pools of either failureMode and a Backend, and no picker anywhere. */
test('without a picker the share of a FailClose pool gets 503, the others are served, also for a client that says a destination', async () => {
  const [closed, open, plain] = await Promise.all(
    ['closed', 'open', 'plain'].map(name => Upstream.start(({ wire }) => void wire.write(answer(name)))),
  );
  const [port, pickerPort] = [await freePort(), await freePort()];
  const plan = planOf(manifests(port, closed!.port, open!.port, plain!.port));
  const bindings = new Map(plan.servers.map(({ name }) => [name, { address: '127.0.0.1', port }]));
  const pickers = onePicker({ address: '127.0.0.1', port: pickerPort });
  const envoy = await EnvoyProcess.start(staticBootstrap(planMessages(plan, { bindings, pickers })));
  try {
    await envoy.port('default/gw/http');
    const seen: Record<string, number> = {};
    for (let i = 0; i < 120; i++) {
      const headers = { 'x-gateway-destination-endpoint': `127.0.0.1:${closed!.port}` };
      const response = await fetch(`http://127.0.0.1:${port}/`, i % 2 === 0 ? {} : { headers });
      const key = `${response.status} ${await response.text()}`;
      seen[key] = (seen[key] ?? 0) + 1;
    }
    assert.deepEqual(Object.keys(seen).sort(), ['200 open', '200 plain', '503 no healthy upstream']);
    assert.equal(closed!.requests.length, 0);
    // 3 of 6; the 0.0001 quantiles of that share of 120.
    const refused = seen['503 no healthy upstream'] ?? 0;
    assert.ok(refused > 38 && refused < 82, String(refused));
  } finally {
    await envoy.stop();
    await Promise.all([closed, open, plain].map(one => one!.close()));
  }
});

function manifests(port: number, closed: number, open: number, plain: number): string {
  const pool = (name: string, target: number, failureMode: string) => `---
apiVersion: inference.networking.x-k8s.io/v1alpha2
kind: InferencePool
metadata: { name: ${name} }
spec: { targetPortNumber: ${target}, selector: { app: ${name} }, extensionRef: { name: picker, failureMode: ${failureMode} } }
---
apiVersion: v1
kind: Pod
metadata: { name: ${name}-0, labels: { app: ${name} } }
spec: { containers: [{ name: server, image: server }] }
status: { podIP: 127.0.0.1, phase: Running, conditions: [{ type: Ready, status: "True" }] }
`;
  return `apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: class }
spec: { controllerName: gateway.envoyproxy.io/gatewayclass-controller }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: gw }
spec: { gatewayClassName: class, listeners: [{ name: http, protocol: HTTP, port: ${port} }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: mixed }
spec:
  parentRefs: [{ name: gw }]
  rules:
  - backendRefs:
    - { group: inference.networking.x-k8s.io, kind: InferencePool, name: closed, weight: 3 }
    - { group: inference.networking.x-k8s.io, kind: InferencePool, name: open, weight: 2 }
    - { group: gateway.envoyproxy.io, kind: Backend, name: plain, weight: 1 }
${pool('closed', closed, 'FailClose')}${pool('open', open, 'FailOpen')}---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: Backend
metadata: { name: plain }
spec: { endpoints: [{ ip: { address: 127.0.0.1, port: ${plain} } }] }
`;
}
