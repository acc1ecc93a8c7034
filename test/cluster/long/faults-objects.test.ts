import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { clusterRules, infrastructureRules, namespaceRules, ownRules } from '../../../src/install/index.ts';
import { selfSigned } from '../../../src/tls/self-signed.ts';
import { Workplace } from '../../e2e/cli-process.ts';
import { until } from '../../support/until.ts';
import { Lab } from '../lab/index.ts';
import { ControllerRun } from '../support/controller-run.ts';
import { Forwarder } from '../support/forwarder.ts';
import {
  CONTROLLER,
  eventsOf,
  GATEWAY_OBJECTS,
  readObject,
  redirect,
  routeAccepted,
} from '../support/statuses.ts';

const LEASE = '/apis/coordination.k8s.io/v1/namespaces/default/leases/breakwater-controller';
const CLOCK = join(import.meta.dirname, '../support/shifted-clock.mjs');

let lab: Lab;
let place: Workplace;

before(async () => {
  lab = await Lab.start({ controllers: false });
  place = new Workplace();
});
after(async () => {
  await place?.close();
  await lab?.stop();
});
afterEach(async () => {
  await place.close();
  place = new Workplace();
});

/** All that the installed controller may do, but for reading some. */
function rights(without: readonly string[] = []): object[] {
  const rules = [
    ...clusterRules(),
    ...namespaceRules(),
    ...infrastructureRules('embedded'),
    ...ownRules('embedded'),
  ].map(rule => ({
    ...rule,
    resources: rule.resources.filter(resource => !without.includes(resource)),
  }));
  return [
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'controller' },
      rules: rules.filter(({ resources }) => resources.length > 0),
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'controller' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'controller' },
      subjects: [{ kind: 'ServiceAccount', name: 'controller', namespace: 'default' }],
    },
  ];
}

test('a controller that may not read Gateways leaves what statuses say of them, says so, and does the rest', async () => {
  await lab.objects.apply([...rights(), ...GATEWAY_OBJECTS, redirect('kept')]);
  const way = await Forwarder.start(lab.controlPlane.port);
  try {
    const kubeconfig = await way.kubeconfig(await lab.serviceAccount('controller'));
    const first = await ControllerRun.start(place, kubeconfig);
    await first.leads();
    await until('the route is accepted', () => routeAccepted(lab, 'kept'), 60_000);
    await first.settled();
    const { status } = await readObject(lab, 'httproutes', 'kept');

    await lab.objects.apply(rights(['gateways']));
    // The API server looks at rights when a watch begins.
    way.cutAll();
    const sample = 'breakwater_controller_unreadable_kinds{kind="Gateway"}';
    await until('it is in the metrics', async () => (await first.figure(sample)) === 1 || undefined, 60_000);
    assert.ok(
      first.matches(/Gateway cannot be read: no statuses of Gateway, ListenerSet, HTTPRoute, /),
      first.up.output,
    );
    assert.equal(await first.request('kept.example'), 302, 'the last objects count');
    first.up.signal('SIGTERM');
    await first.up.exited();

    // From the start it knows no Gateway at all.
    const second = await ControllerRun.start(place, kubeconfig);
    await second.leads();
    await until(
      'an Event says so on the class',
      async () =>
        (await eventsOf(lab, 'GatewayClass', 'ours')).some(({ reason }) => reason === 'KindUnreadable') ||
        undefined,
      60_000,
    );
    await lab.objects.apply([
      {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'GatewayClass',
        metadata: { name: 'another' },
        spec: { controllerName: CONTROLLER },
      },
    ]);
    await until(
      'a class has its status',
      async () =>
        (await readObject(lab, 'gatewayclasses', 'another')).status?.conditions?.some(
          ({ type, status: value }) => type === 'Accepted' && value === 'True',
        ) || undefined,
      60_000,
    );
    await second.settled();
    assert.deepEqual((await readObject(lab, 'httproutes', 'kept')).status, status);

    await lab.objects.apply([...rights(), redirect('later')]);
    await until('all is taken up again', () => routeAccepted(lab, 'later'), 60_000);
    assert.ok(second.matches(/all kinds can be read/), second.up.output);
    assert.equal(await second.figure(sample), 0);
  } finally {
    await way.stop();
  }
});

test('a Secret with a bad certificate costs its listener alone, is told, and can be mended', async () => {
  const secret = (crt: string | Buffer, key: string | Buffer) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'bad', namespace: 'default' },
    type: 'kubernetes.io/tls',
    data: {
      'tls.crt': Buffer.from(crt).toString('base64'),
      'tls.key': Buffer.from(key).toString('base64'),
    },
  });
  const [gatewayClass, gateway] = GATEWAY_OBJECTS as [object, { spec: { listeners: object[] } }];
  const https = {
    name: 'https',
    port: 443,
    protocol: 'HTTPS',
    tls: { certificateRefs: [{ name: 'bad' }] },
  };
  const withTls = { ...gateway, spec: { ...gateway.spec, listeners: [...gateway.spec.listeners, https] } };
  await lab.objects.apply([secret('no certificate', 'no key'), gatewayClass, withTls, redirect('plain')]);
  const controller = await ControllerRun.start(place, lab.kubeconfig);
  await controller.leads();
  await until('the route is accepted', () => routeAccepted(lab, 'plain'), 60_000);
  assert.equal(await controller.request('plain.example'), 302);
  const listener = async () =>
    (await readObject(lab, 'gateways', 'gateway')).status?.listeners?.find(({ name }) => name === 'https');
  const refused = await until(
    'the listener says why',
    async () =>
      (await listener())?.conditions.find(
        ({ type, status }) => type === 'ResolvedRefs' && status === 'False',
      ),
    60_000,
  );
  assert.equal(refused.reason, 'InvalidCertificateRef');
  const [event] = await until('an Event says why', async () => {
    const events = await eventsOf(lab, 'Gateway', 'gateway');
    const told = events.filter(({ reason }) => reason === 'CertificateUnusable');
    return told.length > 0 ? told : undefined;
  });
  assert.equal(event?.type, 'Warning');
  assert.match(event?.note ?? '', /Secret default\/bad/);
  const { cert, key } = selfSigned('gateway.example', new Date());
  await lab.objects.apply([secret(cert, key)]);
  await until(
    'the listener has its certificate',
    async () =>
      (await listener())?.conditions.some(
        ({ type, status }) => type === 'ResolvedRefs' && status === 'True',
      ) || undefined,
    60_000,
  );
  await lab.objects.apply([gateway as object]);
});

test('clocks that jump by an hour change nothing: who leads goes on, who waits goes on waiting', async () => {
  await lab.objects.apply([...GATEWAY_OBJECTS, redirect('steady')]);
  place.env['NODE_OPTIONS'] = `--import=${CLOCK}`;
  const leader = await ControllerRun.start(place, lab.kubeconfig);
  await leader.leads();
  const waiting = await ControllerRun.start(place, lab.kubeconfig);
  await waiting.ready();
  const holder = async () =>
    ((await lab.objects.ask('GET', LEASE)) as { spec: { holderIdentity: string; renewTime: string } }).spec;
  const before = await holder();
  const renewed = async (than: string) =>
    await until('the Lease is renewed', async () => {
      const now = await holder();
      assert.equal(now.holderIdentity, before.holderIdentity);
      return now.renewTime !== than ? now.renewTime : undefined;
    });
  let last = before.renewTime;
  for (const jump of ['an hour on', 'two hours back', 'two hours on']) {
    for (const each of [leader, waiting]) each.up.signal('SIGUSR2');
    const jumped = await until(`it shows that it jumped ${jump}`, async () => {
      last = await renewed(last);
      return Math.abs(Date.parse(last) - Date.now()) > 3_000_000 || undefined;
    });
    assert.ok(jumped);
    const name = `jump-${jump.replaceAll(' ', '-')}`;
    await lab.objects.apply([redirect(name)]);
    await until(`${name} is accepted`, () => routeAccepted(lab, name), 60_000);
  }
  // Who waits looks at the Lease as often as who leads renews it: whoever believed the clock would have taken it.
  for (let times = 0; times < 4; times++) last = await renewed(last);
  assert.ok(!waiting.matches(/leads as/) && !leader.matches(/does not lead/), leader.up.output);
});

test('what does not act is told on its object, and a status without room; the admin API shows all, and changes nothing', async () => {
  const ancestor = (index: number) => ({
    controllerName: 'example.com/other',
    ancestorRef: { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: `theirs-${index}` },
    conditions: [
      {
        type: 'Accepted',
        status: 'True',
        reason: 'Accepted',
        message: '',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ],
  });
  const policy = (name: string, route: string) => ({
    apiVersion: 'gateway.envoyproxy.io/v1alpha1',
    kind: 'BackendTrafficPolicy',
    metadata: { name, namespace: 'default' },
    spec: {
      targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: route }],
      circuitBreaker: { maxParallelRequests: 5 },
    },
  });
  await lab.objects.apply([
    ...GATEWAY_OBJECTS,
    redirect('limited'),
    policy('nowhere', 'no-such-route'),
    policy('crowded', 'limited'),
  ]);
  const path =
    '/apis/gateway.envoyproxy.io/v1alpha1/namespaces/default/backendtrafficpolicies/crowded/status';
  const ancestors = Array.from({ length: 16 }, (_, index) => ancestor(index));
  await lab.objects.ask('PATCH', path, { status: { ancestors } }, 'application/merge-patch+json');
  const controller = await ControllerRun.start(place, lab.kubeconfig);
  await controller.leads();
  for (const [name, reason] of [
    ['nowhere', 'PolicyTargetNotFound'],
    ['crowded', 'StatusFull'],
  ] as const)
    await until(
      `an Event ${reason}`,
      async () =>
        (await eventsOf(lab, 'BackendTrafficPolicy', name)).some(event => event.reason === reason) ||
        undefined,
      60_000,
    );
  const server = await controller.adminUrl();
  const got = await place.run(['get', 'httproutes', '--server', server]);
  assert.match(got.stdout, /^limited /m, got.stderr);
  const limits = await place.run(['limits', '--server', server]);
  assert.equal(limits.code, 0, limits.stderr);
  const deleted = await place.run(['delete', 'httproute/limited', '--server', server]);
  assert.match(deleted.stderr, /BW_READ_ONLY/);
  assert.equal((await fetch(`${server}/v1/plan`)).status, 200);
});
