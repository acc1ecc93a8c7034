import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../support/until.ts';
import type { Lab } from './lab/index.ts';
import { type GatewayBench, installedLab, stopInstalled } from './support/gateways.ts';
import { listenerSetSteps } from './support/listener-set-steps.ts';

const PATIENCE_MS = 180_000;

let lab: Lab;
let bench: GatewayBench;

before(async () => {
  ({ lab, bench } = await installedLab('envoy', 1));
});
after(() => stopInstalled(lab));

test('each Gateway has Envoys of its own behind an address, all on port 80', async () => {
  await bench.gateway('default', 'first');
  await bench.gateway('default', 'second');
  const first = await bench.programmed('default', 'first');
  const second = await bench.programmed('default', 'second');
  assert.notEqual(first, second);
  await bench.answers(first, 'first.example');
  await bench.answers(second, 'second.example');
  assert.equal(await bench.status(first, 'second.example'), 404);
});

test('a Gateway of type NodePort has the addresses of Nodes, and answers there', async () => {
  const kubernetes = { envoyService: { type: 'NodePort' } };
  await lab.objects.apply([
    {
      apiVersion: 'gateway.envoyproxy.io/v1alpha1',
      kind: 'EnvoyProxy',
      metadata: { name: 'by-node', namespace: 'default' },
      spec: { provider: { type: 'Kubernetes', kubernetes } },
    },
  ]);
  const parametersRef = { group: 'gateway.envoyproxy.io', kind: 'EnvoyProxy', name: 'by-node' };
  await bench.gateway('default', 'third', { infrastructure: { parametersRef } });
  const address = await bench.programmed('default', 'third');
  const { items } = (await lab.objects.ask('GET', '/api/v1/nodes')) as {
    items: { status: { addresses: { type: string; address: string }[] } }[];
  };
  const internal = items.flatMap(({ status }) =>
    status.addresses.filter(({ type }) => type === 'InternalIP'),
  );
  assert.deepEqual(
    [address],
    internal.map(each => each.address),
  );
  const services = await bench.owned('default', 'Service');
  const [port] = services.find(({ metadata }) => metadata.name.includes('-third-'))?.spec.ports ?? [];
  await bench.answers(address, 'third.example', port?.nodePort);
  await lab.objects.delete([bench.object('default', 'third')]);
});

test('a ListenerSet adds a port to a Gateway that lets it in', () => listenerSetSteps(lab, bench));

test('Envoys log and begin as their EnvoyProxy says; where that cannot be, the Gateway says so until it is mended', async () => {
  const proxy = (path: string) => ({
    apiVersion: 'gateway.envoyproxy.io/v1alpha1',
    kind: 'EnvoyProxy',
    metadata: { name: 'talks', namespace: 'default' },
    spec: {
      telemetry: {
        accessLog: {
          settings: [
            {
              format: { type: 'Text', text: 'told of %REQ(:AUTHORITY)% %RESPONSE_CODE%\n' },
              sinks: [{ type: 'File', file: { path: '/dev/stdout' } }],
            },
          ],
        },
      },
      bootstrap: { type: 'JSONPatch', jsonPatches: [{ op: 'replace', path, value: '1s' }] },
    },
  });
  await lab.objects.apply([proxy('/overload_manager/refresh_interval')]);
  const parametersRef = { group: 'gateway.envoyproxy.io', kind: 'EnvoyProxy', name: 'talks' };
  await bench.gateway('default', 'fourth', { infrastructure: { parametersRef } });
  const address = await bench.programmed('default', 'fourth');
  await bench.answers(address, 'fourth.example');
  const { items } = (await lab.objects.ask(
    'GET',
    '/api/v1/namespaces/default/pods?labelSelector=gateway.envoyproxy.io%2Fowning-gateway-name%3Dfourth',
  )) as { items: { metadata: { name: string } }[] };
  await until(
    'the log has it',
    async () => /^told of fourth\.example 200$/m.test(await lab.logs('default', items[0]!.metadata.name)),
    PATIENCE_MS,
  );
  await lab.objects.apply([proxy('/no_such_field/refresh_interval')]);
  const accepted = async () => {
    const path = '/apis/gateway.networking.k8s.io/v1/namespaces/default/gateways/fourth';
    const { status } = (await lab.objects.ask('GET', path)) as {
      status: { conditions: { type: string; status: string; message: string }[] };
    };
    return status.conditions.find(({ type }) => type === 'Accepted');
  };
  const refused = async () => {
    const condition = await accepted();
    return condition?.status === 'False' ? condition : undefined;
  };
  const { message } = await until('it is refused', refused, PATIENCE_MS);
  assert.match(message, /jsonPatches\[0\], replace: there is nothing at \/no_such_field/);
  await lab.objects.apply([proxy('/overload_manager/refresh_interval')]);
  await until('it is mended', async () => (await accepted())?.status === 'True', PATIENCE_MS);
  await bench.answers(address, 'fourth.example');
  await lab.objects.delete([bench.object('default', 'fourth')]);
});

test('what is written for Gateways is counted, and it is told when certificates expire', async () => {
  const { items } = (await lab.objects.ask('GET', '/api/v1/namespaces/breakwater-system/pods')) as {
    items: { status: { podIP: string } }[];
  };
  const text = await (await fetch(`http://${items[0]!.status.podIP}:8081/metrics`)).text();
  const figure = (sample: string) => {
    const line = text.split('\n').find(each => each.startsWith(`breakwater_controller_${sample} `));
    return Number(line?.split(' ').at(-1));
  };
  // A Secret, ConfigMap, ServiceAccount, Service and Deployment each.
  assert.ok(figure('object_writes_total{outcome="applied"}') >= 10, text);
  assert.ok(figure('certificate_expiry_seconds{certificate="server"}') > Date.now() / 1000, text);
});

test('a Gateway that is deleted leaves nothing behind', async () => {
  await lab.objects.delete([bench.object('default', 'first'), bench.object('default', 'second')]);
  await until('all is gone', async () => (await bench.versions('default')).size === 0, PATIENCE_MS);
});
