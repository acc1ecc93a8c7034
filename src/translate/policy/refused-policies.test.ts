import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { buildResourceSet, type KubeObject, parseObject } from '../../api/index.ts';
import { translate } from '../index.ts';

const BASE = `
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: demo }
spec: { controllerName: example.com/ours }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: gw }
spec: { gatewayClassName: demo, listeners: [{ name: web, protocol: HTTP, port: 80 }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: r }
spec:
  parentRefs: [{ name: gw }]
  rules: [{ name: one, filters: [{ type: RequestRedirect, requestRedirect: { hostname: x.test } }] }]
`;

const policy = (
  target: string,
  spec = 'circuitBreaker: { maxParalellRequests: 4 }',
  kind = 'BackendTrafficPolicy',
) => `
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: ${kind}
metadata: { name: p, generation: 3 }
spec:
  targetRefs: [{ ${target} }]
  ${spec}
`;

function translated(...texts: string[]) {
  const entries = parseAllDocuments(texts.join('\n---\n')).flatMap(document => {
    const { object, unreadable } = parseObject(document.toJS());
    const counts: KubeObject | undefined = object ?? unreadable;
    return counts === undefined ? [] : [{ object: counts }];
  });
  const { plan, problems, statuses } = translate(buildResourceSet(entries), {
    controllerNames: ['example.com/ours'],
  });
  const action = plan.servers[0]?.listeners[0]?.virtualHosts[0]?.routes[0]?.action;
  const all = statuses({ version: plan.version, servers: [] });
  const status = all.find(({ name }) => name === 'p')?.status;
  const route = all.find(({ name }) => name === 'r')?.status as
    | { parents: { conditions: { type: string; message: string }[] }[] }
    | undefined;
  const accepted = route?.parents[0]?.conditions.find(({ type }) => type === 'Accepted')?.message;
  return { action, problems, status, accepted };
}

const ANSWER_500 = { kind: 'direct', status: 500, body: '' };

const GATEWAY_API = 'group: gateway.networking.k8s.io';
const TARGETS = {
  rule: `${GATEWAY_API}, kind: HTTPRoute, name: r, sectionName: one`,
  route: `${GATEWAY_API}, kind: HTTPRoute, name: r`,
  listener: `${GATEWAY_API}, kind: Gateway, name: gw, sectionName: web`,
  gateway: `${GATEWAY_API}, kind: Gateway, name: gw`,
  'GatewayClass of the Gateway': `${GATEWAY_API}, kind: GatewayClass, name: demo`,
};

for (const [what, target] of Object.entries(TARGETS))
  test(`a policy that cannot be read closes the ${what} that it is about`, () => {
    const backend = translated(BASE, policy(target));
    const unread = 'BackendTrafficPolicy default/p cannot be applied: it cannot be read';
    assert.deepEqual(backend.action, { ...ANSWER_500, reason: unread });
    assert.equal(
      backend.accepted,
      `Route is accepted; requests to rule(s) [0] are answered with 500: ${unread}`,
    );
    const security = translated(BASE, policy(target, 'cors: {}', 'SecurityPolicy'));
    const unserved =
      'SecurityPolicy default/p cannot be applied: it is of a kind that Breakwater does not serve';
    assert.deepEqual(security.action, { ...ANSWER_500, reason: unserved });
    assert.equal(
      security.accepted,
      `Route is accepted; requests to rule(s) [0] are answered with 500: ${unserved}`,
    );
  });

for (const slip of ['kind: httproute', 'kind: HttpRoute', 'group: gateway.networking.k8s.oi'])
  test(`a policy on a target with the slip \`${slip}\` closes the route that was meant`, () => {
    const [field] = slip.split(':');
    const target = TARGETS.route.replace(new RegExp(`${field}: [^,]*`), slip);
    for (const kind of ['SecurityPolicy', 'BackendTrafficPolicy']) {
      const { action, problems } = translated(BASE, policy(target, 'timeout: {}', kind));
      assert.equal(action?.kind, 'direct');
      assert.deepEqual(
        problems.map(({ code }) => code),
        ['policy-invalid'],
      );
    }
  });

test('a policy under `targetReffs`, without an apiVersion, or with a name that is none closes its route', () => {
  const security = policy(TARGETS.route, 'cors: {}', 'SecurityPolicy');
  for (const text of [
    security.replace('targetRefs', 'targetReffs'),
    security.replace(/apiVersion.*/, ''),
    security.replace('name: p,', 'name: P_P,'),
  ])
    assert.equal(translated(BASE, text).action?.kind, 'direct');
});

test('its status says that it is not accepted, and why', () => {
  const { status, problems } = translated(BASE, policy(TARGETS.route));
  const { ancestors } = status as {
    ancestors: { conditions: { type: string; reason: string; message: string }[] }[];
  };
  const [condition] = ancestors[0]?.conditions ?? [];
  assert.equal(condition?.reason, 'Invalid');
  assert.match(
    condition?.message ?? '',
    /unknown field "spec\.circuitBreaker\.maxParalellRequests".*answered with 500/,
  );
  assert.deepEqual(
    problems.map(({ severity, code }) => [severity, code]),
    [['error', 'policy-invalid']],
  );
});

test('what is about something else closes nothing', () => {
  for (const target of [
    `${GATEWAY_API}, kind: HTTPRoute, name: other`,
    'group: x.io, kind: HTTPRoute, name: r',
  ])
    assert.equal(translated(BASE, policy(target)).action?.kind, 'redirect');
});

test('a ClientTrafficPolicy in which nothing restricts closes nothing; with a limit it does', () => {
  const of = (spec: string) =>
    translated(BASE, policy(TARGETS.gateway, spec, 'ClientTrafficPolicy')).action?.kind;
  assert.equal(of('tcpKeepalive: {}'), 'redirect');
  assert.equal(of('connection: { bufferLimit: 1Mi }'), 'redirect');
  assert.equal(of('connection: { bufferLimit: 1Mi, connectionLimit: { value: 3 } }'), 'direct');
  assert.equal(of('someNewField: {}'), 'direct');
});

test('a policy with a value that cannot be applied is named by the route too', () => {
  const { action, accepted } = translated(
    BASE,
    policy(TARGETS.route, 'timeout: { tcp: { connectTimeout: 0s } }'),
  );
  const reason = action?.kind === 'direct' ? action.reason : '';
  assert.match(reason, /^BackendTrafficPolicy default\/p cannot be applied: .*connectTimeout/);
  assert.equal(accepted, `Route is accepted; requests to rule(s) [0] are answered with 500: ${reason}`);
});
