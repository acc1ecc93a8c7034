import assert from 'node:assert/strict';
import { until } from '../../support/until.ts';
import type { Lab } from '../lab/index.ts';
import type { GatewayBench } from './gateways.ts';

const PATIENCE_MS = 120_000;
const API = { apiVersion: 'gateway.networking.k8s.io/v1' };
const metadata = { name: 'more', namespace: 'default' };

const listenerSet = {
  ...API,
  kind: 'ListenerSet',
  metadata,
  spec: { parentRef: { name: 'with-sets' }, listeners: [{ name: 'more', port: 8080, protocol: 'HTTP' }] },
};

/** A Gateway lets a ListenerSet in, which has a port that the Gateway itself has not; then the set goes. */
export async function listenerSetSteps(lab: Lab, bench: GatewayBench): Promise<void> {
  await bench.gateway('default', 'with-sets', { allowedListeners: { namespaces: { from: 'Same' } } });
  const rules = [{ backendRefs: [{ name: 'backend', port: 3000 }] }];
  const parentRefs = [{ kind: 'ListenerSet', name: 'more' }];
  await lab.objects.apply([
    listenerSet,
    { ...API, kind: 'HTTPRoute', metadata, spec: { parentRefs, hostnames: ['more.example'], rules } },
  ]);
  const address = await bench.programmed('default', 'with-sets');
  await bench.answers(address, 'with-sets.example');
  await bench.answers(address, 'more.example', 8080);
  // Neither attaches through the other.
  assert.equal(await bench.status(address, 'more.example'), 404);
  assert.equal(await bench.status(address, 'with-sets.example', 8080), 404);
  await until(
    'the ListenerSet says so',
    async () => {
      const { conditions = [] } = await statusOf(lab, 'listenersets/more');
      return ['Accepted', 'Programmed'].every(type =>
        conditions.some(each => each.type === type && each.status === 'True'),
      );
    },
    PATIENCE_MS,
  );
  const attached = async () => (await statusOf(lab, 'gateways/with-sets')).attachedListenerSets;
  await until('it is counted', async () => (await attached()) === 1, PATIENCE_MS);

  await lab.objects.delete([listenerSet]);
  const closed = async () => (await bench.status(address, 'more.example', 8080)) === undefined;
  await until('its port is closed', closed, PATIENCE_MS);
  await until('it is not counted', async () => (await attached()) === 0, PATIENCE_MS);
  assert.equal(await bench.status(address, 'with-sets.example'), 200);
  await lab.objects.delete([bench.object('default', 'with-sets')]);
  const left = async () =>
    [...(await bench.versions('default')).keys()].filter(each => each.includes('with-sets'));
  await until('nothing of it is left', async () => (await left()).length === 0, PATIENCE_MS);
}

interface Status {
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  readonly attachedListenerSets?: number;
}

async function statusOf(lab: Lab, path: string): Promise<Status> {
  const full = `/apis/gateway.networking.k8s.io/v1/namespaces/default/${path}`;
  return ((await lab.objects.ask('GET', full)) as { status: Status }).status;
}
