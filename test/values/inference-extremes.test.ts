import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildResourceSet, parseObject } from '../../src/api/index.ts';
import { EnvoyPlane } from '../../src/envoy/envoy-plane.ts';
import { PLUGIN_CATALOG } from '../../src/picker/index.ts';
import type { Plane } from '../../src/plane/data-plane.ts';
import { EmbeddedPlane } from '../../src/proxy/embedded-plane.ts';
import { Ports } from '../../src/proxy/plane/listening-ports.ts';
import { translate } from '../../src/translate/index.ts';
import { envoyPath } from '../support/envoy.ts';
import { freePort } from '../support/free-port.ts';
import { extremeObjects } from './support/extremes.ts';
import { Echo, statusOf } from './support/hosts.ts';

const GATEWAY = 'gateway.networking.k8s.io/v1';
const ENVOY = 'gateway.envoyproxy.io/v1alpha1';
const V1 = 'inference.networking.k8s.io/v1';
const V1ALPHA2 = 'inference.networking.x-k8s.io/v1alpha2';
const controllerName = 'gateway.envoyproxy.io/gatewayclass-controller';
const metadata = (name: string, annotations = {}) => ({ name, namespace: 'default', annotations });
const echoRef = { group: 'gateway.envoyproxy.io', kind: 'Backend', name: 'echo' };

interface Case {
  readonly title: string;
  readonly objects: (name: string) => object[];
}

const route = (name: string, ref: object) => ({
  apiVersion: GATEWAY,
  kind: 'HTTPRoute',
  metadata: metadata(name),
  spec: {
    parentRefs: [{ name: 'gw' }],
    hostnames: [`${name}.test`],
    rules: [{ backendRefs: [ref] }],
  },
});
const poolRef = (name: string) => ({ group: 'inference.networking.k8s.io', kind: 'InferencePool', name });
const POOL_SPEC = { selector: { matchLabels: { app: 'none' } }, targetPorts: [{ number: 8000 }] };
const pool = (name: string, spec: object = POOL_SPEC, annotations = {}) => ({
  apiVersion: V1,
  kind: 'InferencePool',
  metadata: metadata(name, annotations),
  spec,
});

function cases(): Case[] {
  const specOf = (object: object) => (object as { spec: object }).spec;
  const pools = [
    ...extremeObjects('InferencePoolV1', ['spec'], spec => pool('p', { ...POOL_SPEC, ...spec })),
  ].map(
    ({ title, object }): Case => ({
      title,
      objects: name => [route(name, poolRef(name)), pool(name, specOf(object))],
    }),
  );
  const on = (kind: 'InferenceModel' | 'InferenceObjective', least: object) =>
    [
      ...extremeObjects(kind, ['spec'], spec => ({
        apiVersion: V1ALPHA2,
        kind,
        metadata: metadata('m'),
        spec: { poolRef: poolRef('m'), ...least, ...spec },
      })),
    ].map(
      ({ title, object }): Case => ({
        title,
        objects: name => [
          route(name, poolRef(name)),
          pool(name),
          { ...object, metadata: metadata(name), spec: { ...specOf(object), poolRef: poolRef(name) } },
        ],
      }),
    );
  const texts = [
    '',
    ' ',
    '\u0000',
    '[',
    '[]',
    '{}',
    'null',
    '1e999',
    'queue=-1',
    'queue=1e308',
    'queue=NaN',
    '0.0.0.0/0',
    '::/129',
    'x'.repeat(9_000),
    '- type: queue-scorer\n  weight: 1e400',
    '[{"type":"queue-scorer","weight":-0}]',
  ];
  const annotated = ['plugins', 'scorer-weights', 'operators', 'pool', 'x'].flatMap(key =>
    texts.map(
      (text): Case => ({
        title: `breakwater.dev/${key} ${JSON.stringify(text).slice(0, 40)}`,
        objects: name => [
          route(name, poolRef(name)),
          pool(name, POOL_SPEC, { [`breakwater.dev/${key}`]: text }),
        ],
      }),
    ),
  );
  return [
    ...pools,
    ...on('InferenceModel', { modelName: 'm' }),
    ...on('InferenceObjective', {}),
    ...annotated,
  ];
}

async function serves(kind: 'embedded' | 'envoy', start: () => Promise<Plane>): Promise<void> {
  const all = cases();
  const [port, echo] = [await freePort(), await Echo.start()];
  const backend = {
    apiVersion: ENVOY,
    kind: 'Backend',
    metadata: metadata('echo'),
    spec: { endpoints: [{ ip: { address: '127.0.0.1', port: echo.port } }] },
  };
  const gateway = {
    apiVersion: GATEWAY,
    kind: 'Gateway',
    metadata: metadata('gw'),
    spec: { gatewayClassName: 'c', listeners: [{ name: 'web', protocol: 'HTTP', port }] },
  };
  const gatewayClass = {
    apiVersion: GATEWAY,
    kind: 'GatewayClass',
    metadata: { name: 'c' },
    spec: { controllerName },
  };
  const objects = [
    gatewayClass,
    gateway,
    backend,
    route('healthy', echoRef),
    ...all.flatMap((each, i) => each.objects(`c${i}`)),
  ];
  const entries = objects.map(raw => {
    const { object, errors } = parseObject(raw);
    assert.deepEqual(errors, [], JSON.stringify(raw));
    return { object: object! };
  });
  const { plan } = translate(buildResourceSet(entries), {
    controllerNames: [controllerName],
    plane: kind,
    plugins: PLUGIN_CATALOG,
  });
  const plane = await start().catch(async error => {
    await echo.close();
    throw error;
  });
  try {
    const report = await plane.apply(plan);
    assert.equal(report.error, undefined);
    assert.deepEqual(report.leftOut ?? [], [], 'the plane refuses nothing that translation takes');
    assert.ok(all.length > 100, `${all.length} cases`);
    for (const [index, { title }] of all.entries()) {
      const status = await statusOf(port, `c${index}.test`, '/', 3_000);
      assert.ok(status === 500 || status === 503, `${title}: ${status}`);
    }
    assert.equal(await statusOf(port, 'healthy.test'), 200);
  } finally {
    await plane.close();
    await echo.close();
  }
}

test('whatever is said of pools and models, the embedded plane serves the others', { timeout: 60_000 }, () =>
  serves('embedded', () =>
    EmbeddedPlane.start({ address: '127.0.0.1', portOffset: 0, workers: 1, onEvent: () => {} }),
  ),
);

test('whatever is said of pools and models, Envoy serves the others', { timeout: 60_000 }, () =>
  serves('envoy', async () => {
    const ports = new Ports({ address: '127.0.0.1', portOffset: 0 });
    return EnvoyPlane.start({
      envoyPath: await envoyPath(),
      concurrency: 1,
      findPorts: (servers, current) => ports.find(servers, current),
      onEvent: () => {},
      onLog: () => {},
    });
  }),
);
