import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { packageVersion } from '../../src/cli/package-version.ts';
import { defaultInstallOptions, installObjects } from '../../src/install/index.ts';
import { seed } from '../e2e/cli-process.ts';
import { until } from '../support/until.ts';
import { Lab, labImages } from './lab/index.ts';
import { granted, neededBy } from './support/rights.ts';

/** A run uses its rights within seconds; some of them only after another. */
const PATIENCE_MS = 120_000;

/** Of parts that the controller has not yet: whoever starts them takes their lines out. */
const NOT_USED_YET = [...['list', 'watch', 'delete'].map(verb => `${verb} leases.coordination.k8s.io`)];

test('embedded: every right that is given is used, and none is missing', async () => {
  const plane = 'embedded';
  const lab = await Lab.start({
    images: labImages,
    auditedUser: 'system:serviceaccount:breakwater-system:breakwater',
  });
  try {
    const options = { ...defaultInstallOptions(packageVersion()), plane, replicas: 2 } as const;
    await lab.objects.apply(installObjects(options));
    for (const file of readdirSync(seed).sort())
      await lab.objects.apply(readFileSync(join(seed, file), 'utf8'));
    await lab.objects.apply(MORE);
    await until('a Gateway has its objects', async () => (await owned(lab)) === 2, PATIENCE_MS);
    await lab.objects.apply(ANOTHERS);
    const wanted = granted(plane);
    let unused: string[] = [];
    const deadline = performance.now() + PATIENCE_MS;
    let target = 'to-v1';
    do {
      // What goes wrong, is mended, and goes wrong again makes a series of an Event.
      target = target === 'to-v1' ? 'no-such-route' : 'to-v1';
      await lab.objects.apply([policyFor(target)]);
      const used = new Set((await lab.audited()).flatMap(neededBy));
      unused = [...wanted].filter(right => !used.has(right));
      await delay(1_000);
    } while (unused.length > NOT_USED_YET.length && performance.now() < deadline);
    const audited = await lab.audited();
    const refused = audited.filter(({ responseStatus }) => responseStatus?.code === 403);
    assert.deepEqual(refused, []);
    assert.deepEqual(
      [...new Set(audited.flatMap(neededBy))].filter(right => !wanted.has(right)),
      [],
    );
    assert.deepEqual(unused, NOT_USED_YET);
  } finally {
    await lab.stop();
  }
});

function policyFor(route: string): object {
  return {
    apiVersion: 'gateway.envoyproxy.io/v1alpha1',
    kind: 'BackendTrafficPolicy',
    metadata: { name: 'now-and-then' },
    spec: {
      targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: route }],
      circuitBreaker: { maxParallelRequests: 10 },
    },
  };
}

/** Services and their endpoints. */
async function owned(lab: Lab): Promise<number> {
  const selector = encodeURIComponent('gateway.envoyproxy.io/owning-gateway-name=goes');
  const counts = await Promise.all(
    ['/api/v1/services', '/apis/discovery.k8s.io/v1/endpointslices'].map(async path => {
      const list = await lab.objects.ask('GET', `${path}?labelSelector=${selector}`);
      return (list as { items: unknown[] }).items.length;
    }),
  );
  return counts.reduce((sum, count) => sum + count);
}

/** A Gateway that becomes somebody else's: what it had is deleted. */
const gatewayOf = (gatewayClass: string) => `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: goes }
spec:
  gatewayClassName: ${gatewayClass}
  listeners: [{ name: http, port: 80, protocol: HTTP }]
`;

const ANOTHERS = `
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: theirs }
spec: { controllerName: example.com/theirs }
---
${gatewayOf('theirs')}`;

/** What the page has not. */
const MORE = `
apiVersion: inference.networking.k8s.io/v1
kind: InferencePool
metadata: { name: v1 }
spec:
  selector: { matchLabels: { app: vllm-llama2-7b-pool } }
  targetPorts: [{ number: 8000 }]
  endpointPickerRef: { name: no-such-picker, port: { number: 9002 } }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: to-v1 }
spec:
  parentRefs: [{ name: example-gateway }]
  hostnames: [v1.example]
  rules:
    - backendRefs: [{ group: inference.networking.k8s.io, kind: InferencePool, name: v1 }]
    - matches: [{ path: { value: /tls } }]
      backendRefs: [{ name: secure, port: 443 }]
---
apiVersion: v1
kind: Service
metadata: { name: secure }
spec: { ports: [{ port: 443 }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: { name: secure }
spec:
  targetRefs: [{ group: "", kind: Service, name: secure }]
  validation: { hostname: secure.example, wellKnownCACertificates: System }
---
${gatewayOf('example-gateway-class')}`;
