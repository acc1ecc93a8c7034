import type { Manifests } from './manifests.ts';
import type { Upstream } from './upstream.ts';

export interface ModelRouteOptions {
  readonly header?: string;
  /** More rules of the HTTPRoute, YAML, indented by four. */
  readonly rules?: string;
  readonly failureMode?: 'FailOpen' | 'FailClose';
  readonly hostname?: string;
  /** More of a BackendTrafficPolicy for the route, YAML of one line. */
  readonly policy?: string;
}

/** Two pools behind one path, told apart by the model: `org/small` has the first upstream, what begins with `org/large` the second. */
export function modelRoutes(options: ModelRouteOptions = {}): Manifests {
  const { header = 'X-Gateway-Model-Name', rules = '', failureMode = 'FailOpen', hostname, policy } = options;
  return (port, upstreams) => `apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: class }
spec: { controllerName: gateway.envoyproxy.io/gatewayclass-controller }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: gateway }
spec: { gatewayClassName: class, listeners: [{ name: main, port: ${port}, protocol: HTTP }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: by-model }
spec:
  parentRefs: [{ name: gateway }]
${hostname === undefined ? '' : `  hostnames: [${hostname}]\n`}  rules:
  - matches: [{ path: { value: /v1 }, headers: [{ name: ${header}, value: org/small }] }]
    backendRefs: [{ group: inference.networking.k8s.io, kind: InferencePool, name: small }]
  - matches: [{ path: { value: /v1 }, headers: [{ type: RegularExpression, name: ${header}, value: 'org/large.*' }] }]
    backendRefs: [{ group: inference.networking.k8s.io, kind: InferencePool, name: large }]
${rules}
${policy === undefined ? '' : policyOf(policy)}${pool('small', upstreams[0] as Upstream, failureMode)}${pool('large', upstreams[1] as Upstream, failureMode)}`;
}

/** To the third upstream, without a picker. @returns documents */
export function withBackend(manifests: Manifests): Manifests {
  return (port, upstreams) => {
    const { address, port: at } = upstreams[2] as Upstream;
    return `${manifests(port, upstreams)}---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: Backend
metadata: { name: others }
spec: { endpoints: [{ ip: { address: ${address}, port: ${at} } }] }
`;
  };
}

function policyOf(fields: string): string {
  return `---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: BackendTrafficPolicy
metadata: { name: policy }
spec:
  targetRefs: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, name: by-model }]
  ${fields}
`;
}

function pool(name: string, { address, port }: Upstream, failureMode: string): string {
  return `---
apiVersion: inference.networking.k8s.io/v1
kind: InferencePool
metadata: { name: ${name} }
spec:
  selector: { matchLabels: { app: ${name} } }
  targetPorts: [{ number: ${port} }]
  endpointPickerRef: { name: epp, port: { number: 9002 }, failureMode: ${failureMode} }
---
apiVersion: v1
kind: Pod
metadata: { name: ${name}-0, labels: { app: ${name} } }
spec: { containers: [{ name: server, image: server }] }
status: { podIP: ${address}, phase: Running, conditions: [{ type: Ready, status: "True" }] }
`;
}

export function json(body: unknown, more = '', target = '/v1/chat/completions'): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return `POST ${target} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n${more}content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}
