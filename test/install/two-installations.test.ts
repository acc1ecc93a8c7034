import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildResourceSet, type KubeObject, parseObject } from '../../src/api/index.ts';
import { envoyAttempts, envoyState } from '../../src/cluster/infrastructure/index.ts';
import { defaultInstallOptions, installObjects } from '../../src/install/index.ts';
import type { Server } from '../../src/plan/index.ts';

const GATEWAY_API = 'gateway.networking.k8s.io/v1';
const FIRST = {
  namespace: 'breakwater-system',
  controllerName: 'gateway.envoyproxy.io/gatewayclass-controller',
};
const SECOND = { namespace: 'other', controllerName: 'example.com/other' };

/** What the controller of an installation is told on its command line, in its Pod. */
function controllerOf(installation: typeof FIRST) {
  const objects = installObjects({ ...defaultInstallOptions('1.2.3'), ...installation });
  const of = (kind: string) => objects.find(each => each.kind === kind)!;
  const { template } = of('Deployment')['spec'] as {
    template: { spec: { containers: { args: string[] }[] } };
  };
  const args = template.spec.containers[0]!.args;
  const option = (name: string) => args.find(arg => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
  return { option, service: of('Service') };
}

function object(kind: string, name: string, spec: object, namespace?: string): KubeObject {
  const metadata = { name, ...(namespace !== undefined && { namespace, uid: name }) };
  const { object: parsed, errors } = parseObject({ apiVersion: GATEWAY_API, kind, metadata, spec });
  assert.deepEqual(errors, []);
  return parsed!;
}

const gateway = (name: string) =>
  object(
    'Gateway',
    name,
    { gatewayClassName: name, listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
    'default',
  );

/** What the Gateways of one installation are made of. */
function stateOf(installation: typeof FIRST, name: string, live: readonly KubeObject[]) {
  const { option, service } = controllerOf(installation);
  const set = buildResourceSet(
    [
      object('GatewayClass', 'first', { controllerName: FIRST.controllerName }),
      object('GatewayClass', 'second', { controllerName: SECOND.controllerName }),
      gateway('first'),
      gateway('second'),
    ].map(each => ({ object: each })),
  );
  const { ports } = service['spec'] as { ports: { name: string; port: number }[] };
  const bootstrap = {
    xdsHost: `${option('service')}.${installation.namespace}.svc`,
    xdsPort: ports.find(port => port.name === 'xds')!.port,
  };
  const controllerName = option('controller-name') ?? '';
  const servers: Server[] = [
    {
      name: `default/${name}/80`,
      gateway: { kind: 'Gateway', namespace: 'default', name },
      port: 80,
      protocol: 'HTTP',
      listeners: [],
    },
  ];
  return envoyState(set, controllerName, envoyAttempts({ set, controllerName, servers, bootstrap }), live);
}

test('Envoys are led to the Service of the installation that made them', () => {
  for (const installation of [FIRST, SECOND]) {
    const { option, service } = controllerOf(installation);
    assert.equal(option('service'), service.metadata.name);
    assert.equal(service.metadata.namespace, installation.namespace);
    const { wanted } = stateOf(installation, installation === FIRST ? 'first' : 'second', []);
    const bootstrap = JSON.stringify(wanted.find(({ kind }) => kind === 'ConfigMap'));
    assert.ok(bootstrap.includes(`breakwater.${installation.namespace}.svc`), bootstrap);
  }
  assert.equal(
    installObjects({ ...defaultInstallOptions('1.2.3'), plane: 'embedded' }).flatMap(
      each => JSON.stringify(each).match(/--service=/g) ?? [],
    ).length,
    0,
  );
});

test('of two installations with controller names of their own, none takes away what the other has made', () => {
  const first = stateOf(FIRST, 'first', []).wanted as unknown as KubeObject[];
  const second = stateOf(SECOND, 'second', []).wanted as unknown as KubeObject[];
  const keys = (objects: readonly KubeObject[]) =>
    objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`);
  assert.ok(first.length > 3);
  assert.deepEqual(
    keys(first).filter(key => keys(second).includes(key)),
    [],
  );
  for (const [installation, name, own] of [
    [FIRST, 'first', first],
    [SECOND, 'second', second],
  ] as const) {
    const state = stateOf(installation, name, [...first, ...second]);
    assert.deepEqual(keys(state.live), keys(own));
    assert.deepEqual(state.unwanted, []);
  }
});
