import type { Upstream } from './upstream.ts';

/** What is indented below `spec:` of a BackendTrafficPolicy or rule is given as text. */
export interface RouteOptions {
  /** More fields of the HTTPRoute's rule, YAML, not indented. */
  readonly rule?: string;
  /** Spec of a BackendTrafficPolicy for the route, without targetRefs, YAML, not indented. */
  readonly policy?: string;
  readonly hostnames?: readonly string[];
  /** Fields of the Gateway's listener beside name, port and protocol, YAML, not indented. */
  readonly listener?: string;
  readonly protocol?: 'HTTP' | 'HTTPS';
  /** More listeners of the Gateway, YAML, not indented. */
  readonly listeners?: (port: number) => string;
  /** More fields of the Gateway, YAML, not indented. */
  readonly gateway?: string;
  /** More documents. */
  readonly more?: string;
}

export type Manifests = (port: number, upstreams: readonly Upstream[]) => string;

/** Everything to one Backend, whose endpoints are the upstreams. */
export function plainRoute(options: RouteOptions = {}): Manifests {
  return (port, upstreams) => {
    const endpoints = upstreams.map(({ address, port }) => `{ ip: { address: ${address}, port: ${port} } }`);
    const ref = '{ group: gateway.envoyproxy.io, kind: Backend, name: servers }';
    return `${frame(port, options, ref)}
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: Backend
metadata: { name: servers }
spec: { endpoints: [${endpoints.join(', ')}] }
`;
  };
}

/** Everything to one InferencePool, whose Pods are the upstreams: addresses of their own, one port for all. */
export function poolRoute(options: RouteOptions & { readonly models?: readonly string[] } = {}): Manifests {
  return (port, upstreams) => {
    const pods = upstreams.map(
      ({ address }, i) => `---
apiVersion: v1
kind: Pod
metadata: { name: server-${i}, labels: { app: servers } }
spec: { containers: [{ name: server, image: server }] }
status: { podIP: ${address}, phase: Running, conditions: [{ type: Ready, status: "True" }] }
`,
    );
    const models = (options.models ?? ['model-a', 'model-b']).map(
      name => `---
apiVersion: inference.networking.x-k8s.io/v1alpha2
kind: InferenceModel
metadata: { name: ${name} }
spec: { modelName: ${name}, criticality: Critical, poolRef: { name: pool } }
`,
    );
    const ref = '{ group: inference.networking.x-k8s.io, kind: InferencePool, name: pool }';
    return `${frame(port, options, ref)}
---
apiVersion: inference.networking.x-k8s.io/v1alpha2
kind: InferencePool
metadata: { name: pool }
spec: { targetPortNumber: ${upstreams[0]?.port ?? 1}, selector: { app: servers }, extensionRef: { name: picker } }
${pods.join('')}${models.join('')}`;
  };
}

/** A pool whose servers know one of its models by another name: what is asked for must be read. */
export function aliasRoute(): Manifests {
  return (port, upstreams) => `${poolRoute()(port, upstreams)}---
apiVersion: inference.networking.x-k8s.io/v1alpha2
kind: InferenceModel
metadata: { name: alias }
spec:
  modelName: alias
  criticality: Critical
  poolRef: { name: pool }
  targetModels: [{ name: alias-v2, weight: 1 }]
`;
}

function frame(port: number, options: RouteOptions, ref: string): string {
  const hostnames = options.hostnames === undefined ? '' : `hostnames: ${JSON.stringify(options.hostnames)}`;
  const policy =
    options.policy === undefined
      ? ''
      : `---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: BackendTrafficPolicy
metadata: { name: policy }
spec:
  targetRefs: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, name: route }]
${indent(options.policy, 2)}`;
  return `apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: class }
spec: { controllerName: gateway.envoyproxy.io/gatewayclass-controller }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: gateway }
spec:
  gatewayClassName: class
${indent(options.gateway ?? '', 2)}
  listeners:
  - name: main
    port: ${port}
    protocol: ${options.protocol ?? 'HTTP'}
${indent(options.listener ?? '', 4)}
${indent(options.listeners?.(port) ?? '', 2)}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: route }
spec:
  parentRefs: [{ name: gateway }]
  ${hostnames}
  rules:
  - backendRefs: [${ref}]
${indent(options.rule ?? '', 4)}
${policy}${options.more === undefined ? '' : `\n---\n${options.more}`}`;
}

function indent(text: string, by: number): string {
  return text.replace(/^(?=.)/gm, ' '.repeat(by));
}
