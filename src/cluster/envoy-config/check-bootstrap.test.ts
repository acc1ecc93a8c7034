import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkBootstrapFields, checkBootstrapParts } from './index.ts';

function problemOf(bootstrap: object, ownImage = true): string | undefined {
  try {
    checkBootstrapFields(bootstrap as Readonly<Record<string, unknown>>, { ownImage });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const cluster = (fields: object) => ({ static_resources: { clusters: [{ name: 'a', ...fields }] } });
const any = (type: string) => ({ name: 'x', typed_config: { '@type': `type.googleapis.com/${type}` } });

test('a bootstrap that Envoy takes has no problem, in either spelling of its fields', () => {
  for (const bootstrap of [
    {},
    { stats_flush_interval: '1s', statsSinks: [any('envoy.config.metrics.v3.StatsdSink')] },
    cluster({
      connectTimeout: '0.250s',
      per_connection_buffer_limit_bytes: '32768',
      dns_lookup_family: 'ALL',
    }),
    cluster({ dns_lookup_family: 1, metadata: { filter_metadata: { a: { b: [1, null, 'x'] } } } }),
    { layered_runtime: { layers: [{ name: 's', static_layer: { any: { thing: [true] } } }] } },
    { admin: null },
  ])
    assert.equal(problemOf(bootstrap), undefined, JSON.stringify(bootstrap));
});

test('what Envoy would not start with is told by its field, what was there and what is expected', () => {
  for (const [bootstrap, said] of [
    [
      { stats_flush_intervall: '1s' },
      'stats_flush_intervall: Envoy has no such field, did you mean stats_flush_interval?',
    ],
    [
      { stats_flush_interval: '1m' },
      'stats_flush_interval: expected a duration in seconds as "1.5s", got "1m"',
    ],
    [
      cluster({ type: 'STATICS' }),
      'static_resources.clusters[0].type: expected one of STATIC, STRICT_DNS, LOGICAL_DNS, EDS, ORIGINAL_DST, got "STATICS"',
    ],
    [
      cluster({ max_requests_per_connection: 2 ** 32 }),
      'static_resources.clusters[0].max_requests_per_connection: expected an integer from 0 to 4294967295, got 4294967296',
    ],
    [cluster({ name: '' }), 'static_resources.clusters[0].name is missing or empty: Envoy requires it'],
    [cluster({ health_checks: {} }), 'static_resources.clusters[0].health_checks: expected a list, got {}'],
    [
      cluster({ respect_dns_ttl: 'yes' }),
      'static_resources.clusters[0].respect_dns_ttl: expected true or false, got "yes"',
    ],
    [
      cluster({ connect_timeout: '1s', connectTimeout: '2s' }),
      'static_resources.clusters[0].connectTimeout: the field is there twice, in both of its spellings',
    ],
    [
      { admin: { address: {} } },
      'admin.address: expected one of socket_address, pipe, envoy_internal_address, got none',
    ],
    [
      { admin: { address: { pipe: { path: '/a' }, socket_address: { address: '::', port_value: 1 } } } },
      'admin.address.socket_address: it excludes pipe, which is there too',
    ],
    [
      { stats_sinks: [any('envoy.nope')] },
      'stats_sinks[0].typed_config.@type: expected an extension that Envoy 1.40 has, got "envoy.nope"',
    ],
    [
      { stats_sinks: [{ name: 'x', typed_config: {} }] },
      'stats_sinks[0].typed_config.@type: expected type.googleapis.com/ and the name of a message, got nothing',
    ],
    [{ static_resources: [] }, 'static_resources: expected an object, got []'],
  ] as const)
    assert.equal(problemOf(bootstrap), `bootstrap: ${said}`);
});

test('an image of its own may have extensions of its own', () => {
  assert.equal(problemOf({ stats_sinks: [any('com.example.Sink')] }, false), undefined);
});

test('how deep a bootstrap is costs no stack', () => {
  let value: unknown = 1;
  for (let depth = 0; depth < 50_000; depth++) value = { and_match: { rules: [value] } };
  assert.match(
    problemOf({ admin: { access_log: [{ name: 'a', filter: { and_filter: value } }] } }) ?? '',
    /no such field/,
  );
});

const listener = (name: string, port: number, cluster?: string) => ({
  name,
  address: { socket_address: { address: '0.0.0.0', port_value: port } },
  filter_chains: [
    {
      filters: [
        { typed_config: { route_config: { virtual_hosts: [{ routes: [{ route: { cluster } }] }] } } },
      ],
    },
  ],
});

test('listeners, clusters and routes of a bootstrap that do not fit together are told', () => {
  const check =
    (listeners: object[], clusters: object[] = []) =>
    () =>
      checkBootstrapParts(
        { static_resources: { listeners, clusters }, admin: listener('admin', 19_000) },
        19_003,
      );
  const ready = listener('readiness', 19_003);
  assert.doesNotThrow(check([ready, listener('b', 1, 'c')], [{ name: 'c' }]));
  assert.throws(check([]), /none is at port 19003/);
  assert.throws(check([ready, listener('b', 19_003)]), /listeners\[1\]: another listener, or the admin/);
  assert.throws(check([ready, listener('b', 19_000)]), /has the address "TCP 0\.0\.0\.0:19000"/);
  assert.throws(check([ready, listener('b', 1, 'c')]), /leads to the cluster "c", which is not there/);
  assert.throws(
    check([ready], [{ name: 'c' }, { name: 'c' }]),
    /clusters\[1\]: there is another cluster "c"/,
  );
});
