import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildResourceSet, parseObject } from '../../api/index.ts';
import { proxyProblem } from './proxy-problem.ts';

function problemOf(spec: object, plane: 'envoy' | 'embedded' = 'envoy'): string | undefined {
  const objects = [
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'GatewayClass',
      metadata: { name: 'c' },
      spec: { controllerName: 'example.com/c' },
    },
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      metadata: { name: 'g', namespace: 'default', uid: 'u' },
      spec: {
        gatewayClassName: 'c',
        listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }],
        infrastructure: { parametersRef: { group: 'gateway.envoyproxy.io', kind: 'EnvoyProxy', name: 'p' } },
      },
    },
    {
      apiVersion: 'gateway.envoyproxy.io/v1alpha1',
      kind: 'EnvoyProxy',
      metadata: { name: 'p', namespace: 'default' },
      spec,
    },
  ];
  const set = buildResourceSet(objects.map(raw => ({ object: parseObject(raw).object! })));
  return proxyProblem(plane, set, set.list('Gateway')[0]!, set.list('GatewayClass')[0]!);
}

const bootstrap = (value: string) => ({ bootstrap: { type: 'Merge', value } });
const patch = (of: string, value: object) => ({
  provider: { type: 'Kubernetes', kubernetes: { [of]: { patch: { value } } } },
});

test('what restricts how backends are spoken to is not passed over', () => {
  for (const plane of ['envoy', 'embedded'] as const) {
    assert.match(problemOf({ backendTLS: { minVersion: '1.3' } }, plane) ?? '', /^backendTLS restricts/);
    assert.equal(problemOf({ backendTLS: {} }, plane), undefined);
  }
});

test('an EnvoyProxy that can be followed has no problem', () => {
  for (const plane of ['envoy', 'embedded'] as const) {
    assert.equal(problemOf({}, plane), undefined);
    assert.equal(problemOf(patch('envoyService', { spec: { type: 'NodePort' } }), plane), undefined);
  }
  assert.equal(problemOf(bootstrap('stats_flush_interval: 1s')), undefined);
  assert.equal(
    problemOf(bootstrap('dynamic_resources: { lds_config: { initial_fetch_timeout: 5s } }')),
    undefined,
  );
});

test('what reaches the control plane cannot be changed, nor what an object is', () => {
  const ads = 'dynamic_resources: { ads_config: { api_type: GRPC } }';
  assert.match(problemOf(bootstrap(ads)) ?? '', /ads_config cannot be modified/);
  assert.match(problemOf({ bootstrap: { value: '{}' } }) ?? '', /cannot be modified/);
  assert.match(problemOf(bootstrap('a: [')) ?? '', /./);
  assert.match(problemOf(bootstrap('just words')) ?? '', /no YAML of a Bootstrap/);
  const jsonPatches = (path: string, value: unknown) => ({
    bootstrap: { type: 'JSONPatch', jsonPatches: [{ op: 'replace', path, value }] },
  });
  const none = jsonPatches('/static_resources/clusters/7/name', 'x');
  assert.match(problemOf(none) ?? '', /^bootstrap: jsonPatches\[0\], replace: there is nothing at /);
  const xds = '/static_resources/clusters/0';
  assert.match(problemOf(jsonPatches(`${xds}/load_assignment`, {})) ?? '', /xds_cluster cannot be modified/);
  assert.match(problemOf(jsonPatches('', [])) ?? '', /no YAML of a Bootstrap/);
  assert.equal(problemOf(jsonPatches(`${xds}/connect_timeout`, '9s')), undefined);
  assert.equal(problemOf(none, 'embedded'), undefined);
  const elsewhere = { metadata: { namespace: 'kube-system' } };
  for (const plane of ['envoy', 'embedded'] as const)
    assert.match(problemOf(patch('envoyService', elsewhere), plane) ?? '', /cannot be changed/);
  assert.match(problemOf(patch('envoyDeployment', elsewhere)) ?? '', /cannot be changed/);
  assert.equal(problemOf(patch('envoyDeployment', elsewhere), 'embedded'), undefined);
  assert.match(problemOf({ provider: { type: 'Host', host: {} } }) ?? '', /not for a cluster/);
});

test('a value with which no Envoy would start is refused by its field, and nothing of it matters on the embedded plane', () => {
  const metrics = (value: string) => ({
    telemetry: { metrics: { matches: [{ type: 'RegularExpression', value }] } },
  });
  for (const [spec, field] of [
    [{ concurrency: -1 }, /^concurrency must be from 0 to 1024, got -1$/],
    [{ concurrency: 2 ** 31 - 1 }, /^concurrency must be/],
    [{ logging: { level: { nope: 'off' } } }, /^logging\.level: Envoy has no component "nope"$/],
    [metrics('(?=a)'), /^telemetry\.metrics\.matches\[0\]: regex "\(\?=a\)" is invalid/],
  ] as const) {
    assert.match(problemOf(spec) ?? '', field);
    assert.equal(problemOf(spec, 'embedded'), undefined);
  }
  assert.equal(problemOf({ concurrency: 0, logging: { level: { default: 'off', http: 'off' } } }), undefined);
  assert.equal(problemOf(metrics('(a+)+')), undefined);
});

test('a bootstrap or an argument that would end the Pods of its own Gateway is refused by its field', () => {
  for (const [spec, field] of [
    [
      bootstrap('stats_flush_intervall: 1s'),
      /^bootstrap: stats_flush_intervall: Envoy has no such field, did you/,
    ],
    [
      bootstrap('static_resources: { clusters: [{ name: xds_cluster }] }'),
      /^bootstrap: .*there is another cluster/,
    ],
    [
      {
        bootstrap: {
          type: 'JSONPatch',
          jsonPatches: [{ op: 'remove', path: '/static_resources/listeners/0' }],
        },
      },
      /none is at port 19003/,
    ],
    [{ extraArgs: ['--config-path', '/x'] }, /^extraArgs\[0\]: --config-path cannot be set/],
    [{ concurrency: 1, extraArgs: ['--concurrency', '2'] }, /is set by another field/],
    [{ extraArgs: ['--concurrency', '-1'] }, /expected a number from 0/],
    [{ extraArgs: ['--component-log-level', 'http:loud'] }, /expected one of trace, .* for http, got "loud"/],
    [{ extraArgs: ['--component-log-level', 'nope:off'] }, /Envoy has no component "nope"/],
  ] as const) {
    assert.match(problemOf(spec) ?? '', field);
    assert.equal(problemOf(spec, 'embedded'), undefined);
  }
  assert.equal(problemOf({ extraArgs: ['--disable-hot-restart', '--concurrency 2'] }), undefined);
  const types = (container: object) => ({
    ...bootstrap(
      'stats_sinks: [{ name: x, typed_config: { "@type": type.googleapis.com/com.example.Sink } }]',
    ),
    provider: { type: 'Kubernetes', kubernetes: { envoyDeployment: { container } } },
  });
  assert.match(
    problemOf(types({})) ?? '',
    /expected an extension that Envoy 1\.40 has, got "com\.example\.Sink"/,
  );
  assert.equal(problemOf(types({ image: 'example.com/envoy:mine' })), undefined);
});
