import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { buildResourceSet, parseObject } from '../../api/index.ts';
import { translate } from '../index.ts';

const FRAME = `
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
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: Backend
metadata: { name: b }
spec: { endpoints: [{ ip: { address: 10.0.0.1, port: 80 } }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: r }
spec:
  parentRefs: [{ name: gw }]
  rules:
`;

/** A route of rules at /0, /1, … @param rules more fields of each, YAML in one line */
function translated(plane: 'embedded' | 'envoy', ...rules: readonly string[]) {
  const backend = '{ group: gateway.envoyproxy.io, kind: Backend, name: b }';
  const lines = rules.map(
    (more, i) =>
      `  - { matches: [{ path: { value: /${i} } }], ${more.includes('backendRefs') ? '' : `backendRefs: [${backend}], `}${more} }`,
  );
  const entries = parseAllDocuments(FRAME + lines.join('\n')).map(document => {
    const { object, errors } = parseObject(document.toJS());
    assert.deepEqual(errors, []);
    return { object: object! };
  });
  const { plan, problems, statuses } = translate(buildResourceSet(entries), {
    controllerNames: ['example.com/ours'],
    plane,
  });
  const status = statuses({ version: plan.version, servers: [] }).find(({ name }) => name === 'r')
    ?.status as {
    parents: { conditions: { type: string; status: string; reason: string; message: string }[] }[];
  };
  const conditions = status.parents[0]?.conditions.map(one => [one.type, one.status, one.reason].join(' '));
  const routes = plan.servers[0]?.listeners[0]?.virtualHosts[0]?.routes ?? [];
  const actions = routes
    .toSorted((a, b) => a.match.path.value.localeCompare(b.match.path.value))
    .map(({ action }) => (action.kind === 'direct' ? action.status : action.kind));
  return { conditions, actions, errors: problems.map(({ message }) => message).join('\n') };
}

const UNSUPPORTED =
  'filters: [{ type: ExtensionRef, extensionRef: { group: a.example, kind: Filter, name: f } }]';

for (const plane of ['embedded', 'envoy'] as const) {
  test(`${plane}: a route whose every rule has an unsupported filter is not accepted, with UnsupportedValue`, () => {
    const { conditions, actions } = translated(plane, UNSUPPORTED, UNSUPPORTED);
    assert.deepEqual(conditions, ['Accepted False UnsupportedValue', 'ResolvedRefs True ResolvedRefs']);
    assert.deepEqual(actions, [500, 500]);
  });

  test(`${plane}: a filter that is not known is said once, not as a rule without backendRefs too`, () => {
    const { errors, actions } = translated(plane, `${UNSUPPORTED}, backendRefs: []`);
    assert.equal(errors.split('\n').length, 1, errors);
    assert.match(errors, /ExtensionRef|a\.example/);
    assert.deepEqual(actions, [500]);
  });

  test(`${plane}: one rule without such a filter keeps the route, and is served`, () => {
    const { conditions, actions } = translated(plane, UNSUPPORTED, 'name: good');
    assert.ok(conditions?.includes('Accepted True Accepted'));
    assert.ok(conditions?.includes('PartiallyInvalid True UnsupportedValue'));
    assert.equal(actions[0], 500);
    assert.notEqual(actions[1], 500);
  });

  test(`${plane}: retries of 2^32 and more are refused by name, one less is not`, () => {
    for (const attempts of [2 ** 32, Number.MAX_SAFE_INTEGER]) {
      const { conditions, actions, errors } = translated(
        plane,
        `retry: { attempts: ${attempts} }`,
        'name: good',
      );
      assert.match(errors, new RegExp(`retry\\.attempts must be at most 4294967295, got ${attempts}`));
      assert.ok(conditions?.includes('PartiallyInvalid True UnsupportedValue'));
      assert.equal(actions[0], 500);
      assert.notEqual(actions[1], 500);
    }
    assert.equal(translated(plane, `retry: { attempts: ${2 ** 32 - 1} }`).errors, '');
  });
}
