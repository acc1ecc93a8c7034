import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../support/until.ts';
import type { Lab } from './lab/index.ts';
import { controllerLogs, type GatewayBench, installedLab, stopInstalled } from './support/gateways.ts';

const PATIENCE_MS = 180_000;
const NAMESPACE = 'breakwater-system';
const GATEWAY_API = 'gateway.networking.k8s.io/v1';

let lab: Lab;
let bench: GatewayBench;

before(async () => {
  ({ lab, bench } = await installedLab('envoy', 2));
});
after(() => stopInstalled(lab));

interface Pod {
  readonly metadata: { readonly name: string };
  readonly status: { readonly podIP?: string };
}

/** Name of the Pod that leads. */
async function leader(): Promise<string | undefined> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases/breakwater-controller`;
  const { status, body } = await lab.server.request('GET', path);
  const { spec } = body as { readonly spec?: { readonly holderIdentity?: string } };
  return status === 200 ? spec?.holderIdentity?.split('_')[0] : undefined;
}

async function replicas(): Promise<readonly Pod[]> {
  const selector = 'app.kubernetes.io/component=controller';
  const path = `/api/v1/namespaces/${NAMESPACE}/pods?labelSelector=${encodeURIComponent(selector)}`;
  return ((await lab.objects.ask('GET', path)) as { items: Pod[] }).items;
}

/** Envoys of a Gateway that are connected to a replica. */
async function connected({ status }: Pod, gateway: string): Promise<number> {
  const text = await (await fetch(`http://${status.podIP}:8081/metrics`)).text();
  const sample = `breakwater_xds_gateway_envoys{gateway="${gateway}"} `;
  return Number(
    text
      .split('\n')
      .find(line => line.startsWith(sample))
      ?.slice(sample.length) ?? 0,
  );
}

async function programmed(name: string): Promise<string> {
  const path = `/apis/${GATEWAY_API}/namespaces/default/gateways/${name}`;
  const { status } = (await lab.objects.ask('GET', path)) as {
    status?: { conditions?: { type: string; status: string; message: string }[] };
  };
  const condition = status?.conditions?.find(({ type }) => type === 'Programmed');
  return `${condition?.status} ${condition?.message}`;
}

test('what an Envoy refuses that is connected to another replica than the leader is in the condition of its Gateway', async t => {
  const leads = await until('one leads', leader, PATIENCE_MS);
  const [follower, first] = await until(
    'there are two replicas',
    async () => {
      const pods = await replicas();
      const found = ['', leads].map(name =>
        pods.find(
          ({ metadata, status }) =>
            status.podIP !== undefined && (metadata.name === leads) === (name === leads),
        ),
      );
      return found.every(pod => pod !== undefined) ? (found as [Pod, Pod]) : undefined;
    },
    PATIENCE_MS,
  );
  // Envoys are led to the follower alone.
  const merge = 'application/merge-patch+json';
  const only = { 'test.example/only': 'this' };
  await lab.objects.ask(
    'PATCH',
    `/api/v1/namespaces/${NAMESPACE}/pods/${follower.metadata.name}`,
    { metadata: { labels: only } },
    merge,
  );
  await lab.objects.ask(
    'PATCH',
    `/api/v1/namespaces/${NAMESPACE}/services/breakwater`,
    { spec: { selector: only } },
    merge,
  );
  await bench.gateway('default', 'far');
  const address = await bench.programmed('default', 'far');
  await bench.answers(address, 'far.example');
  await until(
    'it is of the follower',
    async () => (await connected(follower, 'default/far')) === 1,
    PATIENCE_MS,
  );
  assert.equal(await connected(first, 'default/far'), 0);

  // Translation does not know all of Envoy's command operators.
  const proxy = (text: string) => ({
    apiVersion: 'gateway.envoyproxy.io/v1alpha1',
    kind: 'EnvoyProxy',
    metadata: { name: 'refused', namespace: 'default' },
    spec: {
      telemetry: {
        accessLog: {
          settings: [
            { format: { type: 'Text', text }, sinks: [{ type: 'File', file: { path: '/dev/stdout' } }] },
          ],
        },
      },
    },
  });
  await lab.objects.apply([proxy('%NO_SUCH_COMMAND%')]);
  const parametersRef = { group: 'gateway.envoyproxy.io', kind: 'EnvoyProxy', name: 'refused' };
  await bench.gateway('default', 'far', { infrastructure: { parametersRef } });
  await until(
    'the refusal is told',
    async () => /^False .*Envoy envoy-default-far-\S+ says: .*NO_SUCH_COMMAND/.test(await programmed('far')),
    PATIENCE_MS,
  ).catch(async error => {
    throw new Error(`${error.message}: ${await programmed('far')}\n${await controllerLogs(lab)}`);
  });
  assert.equal(await bench.status(address, 'far.example'), 200, 'the last good state goes on');

  await lab.objects.apply([proxy('a line')]);
  await until('it is mended', async () => (await programmed('far')).startsWith('True'), PATIENCE_MS);
  // On a machine that stands still for long another may lead meanwhile: then nothing was shown, and nothing is wrong.
  if ((await leader()) !== leads) t.diagnostic('another replica leads now');
  assert.equal(await connected(first, 'default/far'), 0);
});
