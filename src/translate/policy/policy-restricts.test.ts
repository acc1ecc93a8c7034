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
apiVersion: inference.networking.k8s.io/v1
kind: InferencePool
metadata: { name: pool }
spec: { selector: { matchLabels: { app: m } }, targetPorts: [{ number: 8000 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: m-0, labels: { app: m } }
spec: { containers: [{ name: m, image: m }] }
status: { podIP: 10.0.0.1, conditions: [{ type: Ready, status: "True" }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: r }
spec:
  parentRefs: [{ name: gw }]
  rules: [{ backendRefs: [{ group: inference.networking.k8s.io, kind: InferencePool, name: pool }] }]
`;

const policy = (target: string, spec: string, name = 'p') => `
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: BackendTrafficPolicy
metadata: { name: ${name} }
spec:
  targetRefs: [{ ${target} }]
  ${spec}
`;
const API = 'group: gateway.networking.k8s.io';
const ROUTE = `${API}, kind: HTTPRoute, name: r`;
const GATEWAY = `${API}, kind: Gateway, name: gw`;
const POOL = 'group: inference.networking.k8s.io, kind: InferencePool, name: pool';

function translated(...texts: string[]) {
  const entries = parseAllDocuments([BASE, ...texts].join('\n---\n')).map(document => {
    const { object, errors } = parseObject(document.toJS());
    assert.deepEqual(errors, []);
    return { object: object as KubeObject };
  });
  const { plan, problems, statuses } = translate(buildResourceSet(entries), {
    controllerNames: ['example.com/ours'],
  });
  const action = plan.servers[0]?.listeners[0]?.virtualHosts[0]?.routes[0]?.action;
  const target = action?.kind === 'forward' ? action.backends[0]?.target : undefined;
  const status = statuses({ version: plan.version, servers: [] }).find(({ name }) => name === 'p')?.status;
  const answers = action?.kind === 'direct' ? action.status : target?.kind === 'invalid' ? 500 : 'forwards';
  const { ancestors } = status as {
    ancestors: { conditions: { type: string; status: string; reason: string; message: string }[] }[];
  };
  const accepted = ancestors[0]?.conditions.find(({ type }) => type === 'Accepted');
  return { answers, accepted, errors: problems.filter(({ severity }) => severity === 'error') };
}

const RESTRICTING = {
  rateLimit: 'rateLimit: { type: Local, local: { rules: [{ limit: { requests: 1, unit: Hour } }] } }',
  bandwidthLimit: 'bandwidthLimit: { request: { limit: { value: 1Ki, unit: Second } } }',
  proxyProtocol: 'proxyProtocol: { version: V2 }',
};

for (const [field, spec] of Object.entries(RESTRICTING))
  for (const [where, target] of Object.entries({ route: ROUTE, Gateway: GATEWAY, pool: POOL }))
    test(`a ${field} that nobody keeps closes the ${where} that it is on`, () => {
      const { answers, accepted, errors } = translated(policy(target, spec));
      assert.equal(answers, 500);
      assert.deepEqual([accepted?.status, accepted?.reason], ['False', 'Invalid']);
      assert.match(accepted?.message ?? '', new RegExp(`^Cannot honour spec\\.${field}, which restricts`));
      assert.deepEqual(
        errors.map(({ code, path }) => [code, path.join('.')]),
        [['policy-invalid', `spec.${field}`]],
      );
    });

test('an admissionControl that nobody keeps closes the route that it is on', () => {
  assert.equal(translated(policy(ROUTE, 'admissionControl: {}')).answers, 500);
});

test('a rate limit of the Gateway that is merged into the policy of a route closes the route', () => {
  const merged = policy(ROUTE, 'mergeType: StrategicMerge');
  const { answers, accepted } = translated(merged, policy(GATEWAY, RESTRICTING.rateLimit, 'g'));
  assert.equal(answers, 500);
  assert.match(accepted?.message ?? '', /Cannot honour spec\.rateLimit/);
});

test('on a pool a limit of bodies restricts as well, which acts on routes alone', () => {
  const limit = 'requestBuffer: { limit: 1Ki }';
  assert.equal(translated(policy(ROUTE, limit)).answers, 'forwards');
  assert.equal(translated(policy(POOL, limit)).answers, 500);
});

test('what merely decorates or tunes is a warning, and requests pass', () => {
  const spec = 'tcpKeepalive: { probes: 3 }, http2: {}, loadBalancer: { type: Random }'.replaceAll(
    ', ',
    '\n  ',
  );
  for (const target of [ROUTE, GATEWAY, POOL]) {
    const { answers, accepted, errors } = translated(policy(target, spec));
    assert.deepEqual([answers, accepted?.status, errors], ['forwards', 'True', []]);
  }
});
