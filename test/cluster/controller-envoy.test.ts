import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Workplace } from '../e2e/cli-process.ts';
import { until } from '../support/until.ts';
import { Lab } from './lab/index.ts';
import { EnvoyByHand } from './support/envoy-by-hand.ts';

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
  const hand = await EnvoyByHand.start(lab, place);
  await hand.controller.until(/leads as/);
  await until('it is not programmed', async () => /^False .*no Envoy/.test(await programmed()), 60_000);
  const envoy = await hand.envoy();
  t.after(() => envoy.stop());
  await until('it is programmed', async () => /^True/.test(await programmed()), 60_000);
  assert.ok(await hand.redirects());
  await envoy.stop();
  await until('it is not programmed any more', async () => /^False/.test(await programmed()), 60_000);
});
