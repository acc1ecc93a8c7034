import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';
import { CLASS, FleetScene, planOf } from './support/fleet-scene.ts';

/** A Gateway of one pool that answers nothing without its picker. */
const gateway = (name: string, port: number, modelPort: number) => `---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: ${name} }
spec: { gatewayClassName: class, listeners: [{ name: http, protocol: HTTP, port: ${port} }] }
---
apiVersion: inference.networking.x-k8s.io/v1alpha2
kind: InferencePool
metadata: { name: ${name} }
spec: { selector: { app: model }, targetPortNumber: ${modelPort}, extensionRef: { name: nobody, failureMode: FailClose } }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name} }
spec:
  parentRefs: [{ name: ${name} }]
  rules:
    - backendRefs: [{ group: inference.networking.x-k8s.io, kind: InferencePool, name: ${name} }]
`;

const POD = `---
apiVersion: v1
kind: Pod
metadata: { name: model, labels: { app: model } }
spec: { containers: [{ name: model, image: model }] }
status: { phase: Running, podIP: 127.0.0.1, conditions: [{ type: Ready, status: "True" }] }
`;

const limitOf = (route: string) => `---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: BackendTrafficPolicy
metadata: { name: limit }
spec:
  targetRefs: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, name: ${route} }]
  circuitBreaker: { maxParallelRequests: 100 }
`;

test('no Lease fails a request to a pool that nothing limits; to one with a limit it does, when nobody holds its permits', async () => {
  await using scene = await FleetScene.start();
  const [open, limited] = [await freePort(), await freePort()];
  const { port: model } = scene.upstream;
  const manifests =
    CLASS + POD + gateway('open', open, model) + gateway('limited', limited, model) + limitOf('limited');
  // As a replica finds them that has just started: it holds nothing, nor does another.
  scene.owners.set(undefined, undefined);
  await scene.fleet.apply(planOf(manifests));
  for (const name of ['open', 'limited']) {
    const envoy = await scene.envoy(`default/${name}`);
    await envoy.port(`default/${name}/http`);
  }
  await until('both have taken all', () =>
    ['open', 'limited'].every(name =>
      scene.fleet.report().servers.some(each => each.name.includes(`/${name}/`) && each.error === undefined),
    ),
  );
  const none = '503 no healthy upstream';
  await scene.serves(open, '/');
  assert.equal(await scene.served(limited, '/'), none);

  scene.owners.set('127.0.0.1', { sinceMs: performance.now() });
  await scene.serves(limited, '/');
  // Its renewal is late: it is still the holder for everybody, and may grant nothing.
  scene.owners.set('127.0.0.1', undefined);
  await scene.serves(limited, '/', none);
  for (let i = 0; i < 20; i++) assert.equal(await scene.served(open, '/'), '200 served');
});
