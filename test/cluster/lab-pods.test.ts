import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../support/until.ts';
import { Lab, simulatedImages } from './lab/index.ts';

let lab: Lab;
before(async () => {
  lab = await Lab.start({ crds: [], images: simulatedImages });
});
after(() => lab?.stop());

test('a Pod has its files, its environment, its name, and a root of its own', async () => {
  await lab.objects.apply([
    object('ConfigMap', 'settings', { data: { level: 'info', 'a.txt': 'first' } }),
    object('Secret', 'keys', { stringData: { key: 'secret' } }),
  ]);
  await run('files', {
    containers: [
      {
        name: 'c',
        image: 'busybox',
        command: ['sh', '-c', 'echo $(LEVEL)-$(ARG) "$KEY" $IP > /own/out; exec sleep infinity'],
        workingDir: '/somewhere/new',
        env: [
          { name: 'LEVEL', valueFrom: { configMapKeyRef: { name: 'settings', key: 'level' } } },
          { name: 'ARG', value: '$(LEVEL)!' },
          { name: 'KEY', valueFrom: { secretKeyRef: { name: 'keys', key: 'key' } } },
          { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
        ],
        volumeMounts: [
          { name: 'settings', mountPath: '/etc/settings' },
          { name: 'keys', mountPath: '/etc/key', subPath: 'key' },
          { name: 'own', mountPath: '/own' },
          { name: 'pod', mountPath: '/var/run/pod' },
        ],
      },
    ],
    volumes: [
      { name: 'settings', configMap: { name: 'settings' } },
      { name: 'keys', secret: { secretName: 'keys' } },
      { name: 'own', emptyDir: {} },
      { name: 'pod', downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
    ],
  });
  const address = await podAddress('files');
  assert.equal(await shell('files', 'cat /own/out'), `info-info! secret ${address}\n`);
  assert.equal(
    await shell('files', 'cat /etc/settings/a.txt /etc/key /var/run/pod/name'),
    'firstsecretfiles',
  );
  assert.equal(await shell('files', 'hostname; pwd'), 'files\n/somewhere/new\n');
  assert.equal(await shell('files', 'ls /tmp /run'), '/run:\npod\nsecrets\n\n/tmp:\n');
  await assert.rejects(shell('files', 'echo x > /etc/settings/a.txt'), /Read-only file system/);
  await shell('files', 'echo x > /breakwater-lab-test');
  assert.equal((await lab.exec('default', 'files', ['cat', '/nothing'])).code, 1);

  await lab.objects.apply([object('ConfigMap', 'settings', { data: { level: 'info', 'a.txt': 'second' } })]);
  await until('the file has changed', async () =>
    (await shell('files', 'cat /etc/settings/a.txt')) === 'second' ? true : undefined,
  );
});

test('a Pod reaches the API server as its service account', async () => {
  await lab.objects.apply([
    object('ServiceAccount', 'reader', {}),
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'reader' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace: 'default' }],
    },
  ]);
  await run('reader', { serviceAccountName: 'reader', containers: [sleeper] });
  const folder = '/var/run/secrets/kubernetes.io/serviceaccount';
  const ask = `curl -sS --fail --cacert ${folder}/ca.crt -H "Authorization: Bearer $(cat ${folder}/token)"`;
  const url =
    'https://$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT/api/v1/namespaces/default/configmaps';
  const found = await until('the API server answers', () =>
    shell('reader', `${ask} ${url}`).catch(() => undefined),
  );
  assert.equal(JSON.parse(found).kind, 'ConfigMapList');
  assert.equal(await shell('reader', `cat ${folder}/namespace`), 'default');

  await run('nobody', { automountServiceAccountToken: false, containers: [sleeper] });
  await assert.rejects(shell('nobody', `ls ${folder}`), /No such file/);
});

test('a Pod that may little: no root, a root that cannot be written, no capabilities', async () => {
  await run('little', {
    securityContext: { runAsNonRoot: true, runAsUser: 65532, fsGroup: 2000 },
    containers: [
      {
        ...sleeper,
        securityContext: {
          readOnlyRootFilesystem: true,
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: [{ name: 'own', mountPath: '/own' }],
      },
    ],
    volumes: [{ name: 'own', emptyDir: {} }],
  });
  assert.equal(await shell('little', 'id -u; id -g; id -G'), '65532\n65532\n65532 2000\n');
  await assert.rejects(shell('little', 'echo x > /x'), /Read-only file system/);
  await shell('little', 'echo x > /own/x');
  assert.match(await shell('little', 'cat /proc/self/status'), /CapBnd:\t0+\n/);
  assert.ok((await shell('little', 'cat /var/run/secrets/kubernetes.io/serviceaccount/token')).length > 100);
});

test('init containers run first, one after the other; a Pod waits for what its volumes name', async () => {
  const own = { name: 'own', mountPath: '/own' };
  const write = (name: string) => ({
    name,
    image: 'busybox',
    command: ['sh', '-c', `echo ${name} >> /own/order`],
    volumeMounts: [own],
  });
  await lab.objects.apply([
    pod('waiting', {
      initContainers: [write('one'), write('two')],
      containers: [{ ...sleeper, volumeMounts: [own, { name: 'late', mountPath: '/late' }] }],
      volumes: [
        { name: 'own', emptyDir: {} },
        { name: 'late', configMap: { name: 'late' } },
      ],
    }),
  ]);
  await until(
    'it is seen',
    async () => (await status('waiting')).phase === 'Pending' && (await status('waiting')).podIP,
    60_000,
  );
  await lab.objects.apply([object('ConfigMap', 'late', { data: { a: 'b' } })]);
  await isReady('waiting');
  assert.equal(await shell('waiting', 'cat /own/order /late/a'), 'one\ntwo\nb');
});

test('probes: a Pod is ready when they say so, and started again when it lives no more', async () => {
  const exec = (command: string) => ({ exec: { command: ['sh', '-c', command] }, periodSeconds: 1 });
  await run('probed', {
    containers: [
      {
        ...sleeper,
        command: ['sh', '-c', 'echo begun; exec sleep infinity'],
        startupProbe: exec('true'),
        readinessProbe: exec('! test -e /unready'),
        livenessProbe: { ...exec('! test -e /dead'), failureThreshold: 1 },
      },
    ],
    terminationGracePeriodSeconds: 1,
  });
  await shell('probed', 'touch /unready');
  await until('it is not ready', async () => ((await ready('probed')) ? undefined : true), 60_000);
  await shell('probed', 'rm /unready');
  await isReady('probed');
  await shell('probed', 'touch /dead');
  await until(
    'it was started again',
    async () => (await status('probed')).containerStatuses?.[0]?.restartCount === 1,
    60_000,
  );
  await isReady('probed');
  assert.equal(await shell('probed', 'test -e /dead || echo new'), 'new\n');
  assert.equal(await lab.logs('default', 'probed'), 'begun\nbegun\n');
});

test('a Pod that is done has succeeded, one that failed has failed', async () => {
  for (const [name, command, phase] of [
    ['done', 'exit 0', 'Succeeded'],
    ['broken', 'exit 3', 'Failed'],
  ] as const) {
    const container = { ...sleeper, command: ['sh', '-c', command] };
    await lab.objects.apply([pod(name, { restartPolicy: 'Never', containers: [container] })]);
    await until(`${name} is ${phase}`, async () => (await status(name)).phase === phase, 60_000);
  }
});

const sleeper = { name: 'c', image: 'busybox', command: ['sleep', 'infinity'] };

function object(kind: string, name: string, rest: object): object {
  return { apiVersion: 'v1', kind, metadata: { name, namespace: 'default' }, ...rest };
}

function pod(name: string, spec: object): object {
  return object('Pod', name, { spec: { terminationGracePeriodSeconds: 0, ...spec } });
}

async function run(name: string, spec: object): Promise<void> {
  await until('there is a service account', async () => {
    const path = '/api/v1/namespaces/default/serviceaccounts/default';
    return (await lab.server.request('GET', path)).status === 200;
  });
  await lab.objects.apply([pod(name, spec)]);
  await isReady(name);
}

interface Status {
  readonly phase?: string;
  readonly podIP?: string;
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  readonly containerStatuses?: readonly { readonly restartCount: number }[];
}

async function status(name: string): Promise<Status> {
  return ((await lab.objects.ask('GET', `/api/v1/namespaces/default/pods/${name}`)) as { status: Status })
    .status;
}

async function ready(name: string): Promise<boolean> {
  const { conditions = [] } = await status(name);
  return conditions.some(each => each.type === 'Ready' && each.status === 'True');
}

async function isReady(name: string): Promise<void> {
  await until(`${name} is ready`, () => ready(name), 60_000);
}

async function podAddress(name: string): Promise<string> {
  return (await status(name)).podIP!;
}

/** Standard output; fails with its errors. */
async function shell(name: string, command: string): Promise<string> {
  const { code, stdout, stderr } = await lab.exec('default', name, ['sh', '-c', command]);
  if (code !== 0) throw new Error(`${command}: ${code} ${stderr}`);
  return stdout;
}
