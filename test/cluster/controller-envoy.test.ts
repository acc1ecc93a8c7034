import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { bootstrapJson } from '../../src/envoy/bootstrap.ts';
import { Workplace } from '../e2e/cli-process.ts';
import { EnvoyProcess } from '../support/envoy-process.ts';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';
import { Lab } from './lab/index.ts';

const place = new Workplace();
let lab: Lab;

before(async () => {
  lab = await Lab.start({ controllers: false, crds: ['gateway-api-experimental', 'envoy-gateway'] });
});

after(async () => {
  await place.close();
  await lab?.stop();
});

interface Read {
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly message: string;
    }[];
  };
}

async function programmed(): Promise<string> {
  const path = '/apis/gateway.networking.k8s.io/v1/namespaces/default/gateways/gateway';
  const { status } = (await lab.objects.ask('GET', path)) as Read;
  const condition = status?.conditions?.find(({ type }) => type === 'Programmed');
  return `${condition?.status} ${condition?.message}`;
}

test('a Gateway is programmed when an Envoy of it has taken its part, and not before', async t => {
  const port = await freePort();
  const [api, common] = ['gateway.networking.k8s.io/v1', { name: 'gateway', namespace: 'default' }];
  await lab.objects.apply([
    {
      apiVersion: api,
      kind: 'GatewayClass',
      metadata: { name: 'class' },
      spec: { controllerName: 'gateway.envoyproxy.io/gatewayclass-controller' },
    },
    {
      apiVersion: api,
      kind: 'Gateway',
      metadata: common,
      spec: { gatewayClassName: 'class', listeners: [{ name: 'http', protocol: 'HTTP', port }] },
    },
    {
      apiVersion: api,
      kind: 'HTTPRoute',
      metadata: common,
      spec: {
        parentRefs: [{ name: 'gateway' }],
        rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect: { hostname: 'example.com' } }] }],
      },
    },
  ]);
  const xdsPort = await freePort();
  const { output } = place.start([
    ...['controller', '--plane', 'envoy', '--kubeconfig', lab.kubeconfig, '--lease-namespace', 'default'],
    ...['--info-address', '127.0.0.1', '--info-port', '0', '--admin-address', '127.0.0.1:0'],
    ...['--xds-port', String(xdsPort), '--picker-port', '0'],
  ]);
  await output.until(/leads as/);
  await until('it is not programmed', async () => /^False .*no Envoy/.test(await programmed()), 60_000);
  const envoy = await EnvoyProcess.start(
    bootstrapJson({
      nodeId: 'by-hand',
      nodeCluster: 'default/gateway',
      xds: { host: '127.0.0.1', port: xdsPort },
      admin: { host: '127.0.0.1', port: 0 },
    }),
  );
  t.after(() => envoy.stop());
  await envoy.port('default/gateway/http');
  await until('it is programmed', async () => /^True/.test(await programmed()), 60_000);
  const response = await fetch(`http://127.0.0.1:${port}/x`, { redirect: 'manual' });
  assert.equal(response.headers.get('location'), `http://example.com:${port}/x`);
  await envoy.stop();
  await until('it is not programmed any more', async () => /^False/.test(await programmed()), 60_000);
});
