import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, before, test } from 'node:test';
import { bootstrapJson } from '../../src/envoy/bootstrap.ts';
import { Workplace } from '../e2e/cli-process.ts';
import { SecretFolder } from '../envoy/support/secret-folder.ts';
import { EnvoyProcess } from '../support/envoy-process.ts';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';
import { Lab } from './lab/index.ts';

const PATIENCE_MS = 60_000;
const SECRETS = '/api/v1/namespaces/default/secrets';

const place = new Workplace();
let lab: Lab;

before(async () => {
  lab = await Lab.start({ controllers: false, crds: ['gateway-api-experimental', 'envoy-gateway'] });
});

after(async () => {
  await place.close();
  await lab?.stop();
});

interface Secret {
  readonly metadata: {
    readonly name: string;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
  };
  readonly type: string;
  readonly data: Readonly<Record<string, string>>;
}

/** The Secret that was made for the Gateway. */
async function gatewaySecret(): Promise<Secret | undefined> {
  const { items } = (await lab.objects.ask('GET', SECRETS)) as { readonly items: readonly Secret[] };
  return items.find(({ metadata }) => metadata.name.startsWith('envoy-default-gateway-'));
}

const textOf = ({ data }: Secret) =>
  Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  );

test('a controller makes its certificates and those of each Gateway, and serves who shows them; one that is deleted is made anew', async t => {
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
  const pod = { POD_NAME: 'breakwater-0', POD_NAMESPACE: 'default', POD_IP: '127.0.0.1' };
  Object.assign(place.env, pod);
  const { output } = place.start([
    ...['controller', '--plane', 'envoy', '--kubeconfig', lab.kubeconfig, '--lease-namespace', 'default'],
    ...['--info-address', '127.0.0.1', '--info-port', '0', '--admin-address', '127.0.0.1:0'],
    ...['--xds-port', String(xdsPort), '--picker-port', '0'],
  ]);
  await output.until(/Secret default\/breakwater-tls: a new authority signs/);
  const secret = await until('the Gateway has its Secret', gatewaySecret, PATIENCE_MS);
  assert.equal(secret.type, 'kubernetes.io/tls');
  assert.deepEqual(
    secret.metadata.ownerReferences?.map(({ kind, name }) => `${kind} ${name}`),
    ['Gateway gateway'],
  );
  const own = textOf((await lab.objects.ask('GET', `${SECRETS}/breakwater-tls`)) as Secret);
  assert.equal(own['ca.crt'], textOf(secret)['ca.crt']);
  assert.equal(textOf(secret)['ca.key'], undefined);

  const folder = new SecretFolder();
  t.after(() => folder.close());
  await folder.write(textOf(secret));
  const envoy = await EnvoyProcess.start(
    bootstrapJson({
      nodeId: 'by-hand',
      nodeCluster: 'default/gateway',
      xds: { host: '127.0.0.1', port: xdsPort },
      admin: { host: '127.0.0.1', port: 0 },
      transportSocket: folder.transportSocket(),
    }),
  );
  t.after(() => envoy.stop());
  await envoy.port('default/gateway/http');
  await until(
    'it serves',
    async () => {
      const response = await fetch(`http://127.0.0.1:${port}/x`, { redirect: 'manual' }).catch(
        () => undefined,
      );
      return response?.headers.get('location') === `http://example.com:${port}/x`;
    },
    PATIENCE_MS,
  );

  await lab.objects.ask('DELETE', `${SECRETS}/${secret.metadata.name}`);
  const again = await until('it is made anew', gatewaySecret, PATIENCE_MS);
  assert.equal(textOf(again)['ca.crt'], textOf(secret)['ca.crt']);
  assert.ok(new X509Certificate(textOf(again)['tls.crt']!).validToDate.getTime() > Date.now());
});
