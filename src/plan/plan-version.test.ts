import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planVersion } from './plan-version.ts';

const NOTHING = { servers: [], clusters: [], pools: [], limits: [] };

const route = (name: string) =>
  ({
    name,
    source: { kind: 'HTTPRoute', namespace: 'default', name },
    ruleIndex: 0,
    match: { path: { type: 'PathPrefix', value: '/' }, headers: [], queryParams: [] },
    requestHeaders: { set: [], add: [], remove: [] },
    responseHeaders: { set: [], add: [], remove: [] },
    mirrors: [],
    action: { kind: 'direct', status: 500, body: '', reason: '' },
    timeouts: {},
  }) as const;

const server = (...routes: readonly ReturnType<typeof route>[]) => ({
  name: 'default/g/80',
  gateway: { kind: 'Gateway', namespace: 'default', name: 'g' },
  port: 80,
  protocol: 'HTTP' as const,
  listeners: [{ name: 'http', certificates: [], virtualHosts: [{ domain: '*', routes }] }],
});

test('equal content has one version, whatever the order of keys', () => {
  const { name, ...rest } = server(route('a'));
  const a = planVersion({ ...NOTHING, servers: [{ name, ...rest }] });
  const b = planVersion({ limits: [], pools: [], clusters: [], servers: [{ ...rest, name }] });
  assert.equal(a, b);
  assert.match(a, /^[0-9a-f]{64}$/);
});

test('every part counts, at every depth, in its place and in its order', () => {
  const limit = (name: string) => ({ name, thresholds: {} as never });
  const pool = (name: string) => ({ name }) as never;
  const bound = { ...server(route('a')), bindPort: 8080 };
  const closed = {
    ...server(),
    listeners: [{ name: 'http', hostname: 'a.example', certificates: [], virtualHosts: [] }],
  };
  const elsewhere = {
    ...server(),
    listeners: [
      { name: 'http', certificates: [], virtualHosts: [{ domain: 'a.example', routes: [route('a')] }] },
    ],
  };
  const contents = [
    NOTHING,
    ...[server(), server(route('a')), server(route('b')), server(route('a'), route('b'))].map(each => ({
      ...NOTHING,
      servers: [each],
    })),
    { ...NOTHING, servers: [server(route('b'), route('a'))] },
    ...[bound, closed, elsewhere].map(each => ({ ...NOTHING, servers: [each] })),
    { ...NOTHING, limits: [limit('a')] },
    { ...NOTHING, limits: [limit('a'), limit('b')] },
    { ...NOTHING, limits: [limit('b'), limit('a')] },
    { ...NOTHING, pools: [pool('a')] },
    { ...NOTHING, clusters: [pool('a')] },
  ];
  assert.equal(new Set(contents.map(planVersion)).size, contents.length);
});
