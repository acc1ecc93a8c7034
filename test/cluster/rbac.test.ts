import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageVersion } from '../../src/cli/package-version.ts';
import { defaultInstallOptions, installObjects, PLANES } from '../../src/install/index.ts';
import { seed } from '../e2e/cli-process.ts';
import { peerTakes } from '../support/peer-takes.ts';
import { Lab, labImages } from './lab/index.ts';
import { granted, neededBy } from './support/rights.ts';

/** A run uses its rights within seconds; some of them only after another. */
const PATIENCE_MS = 180_000;

/** Of parts that the controller has not yet, and what is used when an installation's plane is changed (plane-change.test.ts). */
const NOT_USED_YET = {
  embedded:
    /leases|^delete (secrets|configmaps|endpoints|serviceaccounts|deployments|daemonsets|horizontalpod|poddis)/,
  envoy: /leases|update secrets|^delete endpointslices/,
} as const;

for (const plane of PLANES)
  test(`${plane}: every right that is given is used, and none is missing`, async () => {
    const lab = await Lab.start({
      images: labImages,
      auditedUser: 'system:serviceaccount:breakwater-system:breakwater',
    });
    try {
      await lab.objects.apply(installObjects({ ...defaultInstallOptions(packageVersion()), plane }));
      for (const file of readdirSync(seed).sort())
        await lab.objects.apply(readFileSync(join(seed, file), 'utf8'));
      await lab.objects.apply(MORE);
      const wanted = granted(plane);
      const unused = await unusedOf(lab, wanted, NOT_USED_YET[plane]);
      const audited = await lab.audited();
      assert.deepEqual(
        audited.filter(({ responseStatus }) => responseStatus?.code === 403),
        [],
      );
      const used = [...new Set(audited.flatMap(neededBy))];
      assert.deepEqual(
        used.filter(right => !wanted.has(right)),
        [],
      );
      assert.deepEqual(unused, []);
    } finally {
      await lab.stop();
    }
  });

/** Those that are not used in time, but for what is not there yet. */
async function unusedOf(lab: Lab, wanted: ReadonlySet<string>, notYet: RegExp): Promise<string[]> {
  const deadline = performance.now() + PATIENCE_MS;
  for (let turn = 0; ; turn++) {
    // What goes wrong, is mended, and goes wrong again makes a series of an Event.
    await lab.objects.apply([policyFor(turn % 2 === 0 ? 'no-such-route' : 'to-v1')]);
    // Gateways that become somebody else's lose what they had, and get it anew: at turns 8, 16, 32, …
    const power = Math.floor(Math.log2(turn));
    if (turn >= 8 && turn === 2 ** power)
      await lab.objects.apply(gatewaysOf(power % 2 === 1 ? 'theirs' : 'example-gateway-class'));
    const used = new Set((await lab.audited()).flatMap(neededBy));
    const unused = [...wanted].filter(right => !used.has(right) && !notYet.test(right));
    if (unused.length === 0 || performance.now() > deadline) return unused;
    await peerTakes(1_000);
  }
}

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

/** Gateways that have, on Envoy, all that there can be. */
const gatewaysOf = (gatewayClass: string) => `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: goes }
spec:
  gatewayClassName: ${gatewayClass}
  infrastructure: { parametersRef: { group: gateway.envoyproxy.io, kind: EnvoyProxy, name: scaled } }
  listeners: [{ name: http, port: 80, protocol: HTTP }]
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: goes-too }
spec:
  gatewayClassName: ${gatewayClass}
  infrastructure: { parametersRef: { group: gateway.envoyproxy.io, kind: EnvoyProxy, name: on-each-node } }
  listeners: [{ name: http, port: 80, protocol: HTTP }]
`;

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
apiVersion: gateway.networking.k8s.io/v1
kind: ListenerSet
metadata: { name: not-let-in }
spec:
  parentRef: { name: example-gateway }
  listeners: [{ name: http, port: 80, protocol: HTTP, hostname: more.example }]
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
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: SecurityPolicy
metadata: { name: refused }
spec:
  targetRefs: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, name: to-v1 }]
  cors: { allowOrigins: ["https://example.com"] }
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: ClientTrafficPolicy
metadata: { name: refused }
spec:
  targetRefs: [{ group: gateway.networking.k8s.io, kind: Gateway, name: example-gateway }]
  tcpKeepalive: { probes: 3 }
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: EnvoyExtensionPolicy
metadata: { name: refused }
spec:
  targetRefs: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, name: to-v1 }]
  lua: [{ type: Inline, inline: "function envoy_on_request(handle) end" }]
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: EnvoyPatchPolicy
metadata: { name: refused }
spec:
  targetRef: { group: gateway.networking.k8s.io, kind: Gateway, name: goes-too }
  type: JSONPatch
  jsonPatches: [{ type: "type.googleapis.com/envoy.config.listener.v3.Listener", name: l, operation: { op: add, path: /x, value: 1 } }]
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: EnvoyProxy
metadata: { name: scaled }
spec:
  provider:
    type: Kubernetes
    kubernetes: { envoyHpa: { maxReplicas: 2 }, envoyPDB: { minAvailable: 1 } }
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: EnvoyProxy
metadata: { name: on-each-node }
spec: { provider: { type: Kubernetes, kubernetes: { envoyDaemonSet: {} } } }
---
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: theirs }
spec: { controllerName: example.com/theirs }
---
${gatewaysOf('example-gateway-class')}`;
