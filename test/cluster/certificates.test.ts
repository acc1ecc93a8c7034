import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Workplace } from '../e2e/cli-process.ts';
import { SecretFolder } from '../envoy/support/secret-folder.ts';
import { until } from '../support/until.ts';
import { Lab } from './lab/index.ts';
import { EnvoyByHand } from './support/envoy-by-hand.ts';

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
  const pod = { POD_NAME: 'breakwater-0', POD_NAMESPACE: 'default', POD_IP: '127.0.0.1' };
  Object.assign(place.env, pod);
  const hand = await EnvoyByHand.start(lab, place);
  await hand.controller.until(/Secret default\/breakwater-tls: a new authority signs/);
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
  const envoy = await hand.envoy(folder.transportSocket());
  t.after(() => envoy.stop());
  await until('it serves', () => hand.redirects(), PATIENCE_MS);

  await lab.objects.ask('DELETE', `${SECRETS}/${secret.metadata.name}`);
  const again = await until('it is made anew', gatewaySecret, PATIENCE_MS);
  assert.equal(textOf(again)['ca.crt'], textOf(secret)['ca.crt']);
  assert.ok(new X509Certificate(textOf(again)['tls.crt']!).validToDate.getTime() > Date.now());
});
