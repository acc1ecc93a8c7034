import type { Manifests } from '../../proxy/support/manifests.ts';

interface Rule {
  /** What the upstream is told: the name of the rule. */
  readonly to: string;
  /** One entry of `matches`, YAML in one line. */
  readonly match?: string;
}

interface RouteOfRules extends Partial<Rule> {
  readonly rules?: readonly Rule[];
  readonly hostnames?: readonly string[];
}

let count = 0;

/** An HTTPRoute whose rules tell the upstream which of them it was, by `x-served-by`. */
export function toServer({ to, match, rules, hostnames }: RouteOfRules): string {
  const all = rules ?? [{ to: to ?? 'any', ...(match !== undefined && { match }) }];
  const texts = all.map(
    rule => `  - ${rule.match === undefined ? '' : `matches: [{ ${rule.match} }]\n    `}filters:
    - type: RequestHeaderModifier
      requestHeaderModifier: { set: [{ name: x-served-by, value: ${rule.to} }] }
    backendRefs: [{ group: gateway.envoyproxy.io, kind: Backend, name: servers }]`,
  );
  return `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: route-${count++} }
spec:
  parentRefs: [{ name: gateway }]
  ${hostnames === undefined ? '' : `hostnames: ${JSON.stringify(hostnames)}`}
  rules:
${texts.join('\n')}`;
}

/** A Gateway with one listener, a Backend `servers` of all upstreams, one for each (`server-0`…), and these documents. */
export function frame(documents: (port: number) => string): Manifests {
  return (port, upstreams) => {
    const endpoints = upstreams.map(one => `{ ip: { address: ${one.address}, port: ${one.port} } }`);
    const backend = (name: string, list: readonly string[]) => `---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: Backend
metadata: { name: ${name} }
spec: { endpoints: [${list.join(', ')}] }
`;
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
  listeners: [{ name: main, port: ${port}, protocol: HTTP }]
${backend('servers', endpoints)}${endpoints.map((one, i) => backend(`server-${i}`, [one])).join('')}---
${documents(port)}`;
  };
}
