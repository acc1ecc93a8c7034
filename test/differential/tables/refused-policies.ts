import type { Manifests } from '../../proxy/support/manifests.ts';
import { plainRoute } from '../../proxy/support/manifests.ts';
import type { Scenario } from '../support/scenario.ts';
import { answered } from '../support/seen.ts';

const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';

function withPolicy(kind: string, target: string, spec: string): Manifests {
  const more = `
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: ${kind}
metadata: { name: refused }
spec:
  targetRefs: [{ group: gateway.networking.k8s.io, ${target} }]
  ${spec}`;
  return plainRoute({ hostnames: ['a'], more });
}

/** Policies that cannot be honoured: nobody passes as if they were not there. */
export const REFUSED_POLICIES: readonly Scenario[] = [
  {
    name: 'a SecurityPolicy on the route: 500',
    manifests: withPolicy('SecurityPolicy', 'kind: HTTPRoute, name: route', 'cors: { allowOrigins: ["*"] }'),
    run: async ({ send }) => answered(await send(GET)),
  },
  {
    name: 'a ClientTrafficPolicy that limits connections on the Gateway: 500',
    manifests: withPolicy(
      'ClientTrafficPolicy',
      'kind: Gateway, name: gateway',
      'connection: { connectionLimit: { value: 1 } }',
    ),
    run: async ({ send }) => answered(await send(GET)),
  },
  {
    name: 'a ClientTrafficPolicy in which nothing restricts: passed over',
    manifests: withPolicy(
      'ClientTrafficPolicy',
      'kind: Gateway, name: gateway',
      'tcpKeepalive: { probes: 3 }',
    ),
    run: async ({ send }) => answered(await send(GET)),
  },
  ...['HTTPRoute, name: route', 'Gateway, name: gateway'].map(
    (target): Scenario => ({
      name: `a BackendTrafficPolicy with a rate limit, which nobody keeps, on ${target}: 500`,
      manifests: withPolicy(
        'BackendTrafficPolicy',
        `kind: ${target}`,
        'rateLimit: { type: Local, local: { rules: [{ limit: { requests: 9, unit: Second } }] } }',
      ),
      run: async ({ send }) => answered(await send(GET)),
    }),
  ),
  {
    name: 'a BackendTrafficPolicy that only tunes what is not implemented: passed over',
    manifests: withPolicy(
      'BackendTrafficPolicy',
      'kind: HTTPRoute, name: route',
      'tcpKeepalive: { probes: 3 }',
    ),
    run: async ({ send }) => answered(await send(GET)),
  },
];
