import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildResourceSet, parseObject } from '../../api/index.ts';
import { translate } from '../index.ts';

const API = 'gateway.networking.k8s.io/v1';

function run(routes: readonly { name: string; rules: readonly object[] }[]) {
  const raw = [
    {
      apiVersion: API,
      kind: 'GatewayClass',
      metadata: { name: 'c' },
      spec: { controllerName: 'example.com/c' },
    },
    {
      apiVersion: API,
      kind: 'Gateway',
      metadata: { name: 'g' },
      spec: { gatewayClassName: 'c', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
    },
    ...routes.map(({ name, rules }) => ({
      apiVersion: API,
      kind: 'HTTPRoute',
      metadata: { name },
      spec: { parentRefs: [{ name: 'g' }], rules },
    })),
  ];
  const entries = raw.map(each => ({ object: parseObject(each).object! }));
  const { plan, problems, statuses } = translate(buildResourceSet(entries), {
    controllerNames: ['example.com/c'],
  });
  const overlapping = (name: string) => {
    const { status } = statuses({ version: plan.version, servers: [] }).find(each => each.name === name)!;
    const { parents } = status as { parents: { conditions: { type: string; message: string }[] }[] };
    return parents[0]?.conditions.find(({ type }) => type === 'RouteRulesOverlap')?.message;
  };
  const shadowed = problems
    .filter(({ code }) => code === 'route-shadowed')
    .map(({ object, path, message }) => `${object.name} ${path.slice(1).join('.')}: ${message}`);
  return { shadowed, overlapping };
}

const redirect = { filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https' } }] };
const match = (...matches: object[]) => ({ ...redirect, matches });

test('a match that another takes first gets no requests', () => {
  const headers = [
    { name: 'A', value: '1' },
    { name: 'b', value: '2' },
  ];
  const { shadowed, overlapping } = run([
    { name: 'first', rules: [match({ path: { value: '/a' } }), match({ headers })] },
    { name: 'second', rules: [match({ path: { value: '/b' } }, { path: { value: '/a/' } })] },
    {
      name: 'third',
      rules: [match({ headers: headers.toReversed().map(h => ({ ...h, name: h.name.toLowerCase() })) })],
    },
    { name: 'twice', rules: [match({ method: 'GET' }), match({ method: 'GET' }), match({ method: 'PUT' })] },
  ]);
  assert.deepEqual(shadowed, [
    'second rules.0.matches.1: gets no requests for any host: HTTPRoute default/first, rule 0, matches the same first',
    'third rules.0.matches.0: gets no requests for any host: HTTPRoute default/first, rule 1, matches the same first',
    'twice rules.1.matches.0: gets no requests for any host: rule 0 matches the same first',
  ]);
  assert.equal(
    overlapping('first'),
    'Overlapping match conditions with route(s): HTTPRoute default/second, HTTPRoute default/third',
  );
  assert.equal(overlapping('second'), 'Overlapping match conditions with route(s): HTTPRoute default/first');
  assert.equal(overlapping('twice'), undefined);
});

test('many routes for the same requests take no time that grows with their square', () => {
  const routes = Array.from({ length: 5000 }, (_, i) => ({ name: `r${i}`, rules: [redirect] }));
  const began = process.cpuUsage();
  const { shadowed, overlapping } = run(routes);
  assert.equal(shadowed.length, 4999);
  assert.match(overlapping('r0') ?? '', / and others$/);
  const { user, system } = process.cpuUsage(began);
  assert.ok((user + system) / 1e6 < 10, `${(user + system) / 1e6} s of CPU`);
});
