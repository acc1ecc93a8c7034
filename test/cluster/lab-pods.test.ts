import assert from 'node:assert/strict';
import { realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { after, before, test } from 'node:test';
import { packageVersion } from '../../src/cli/package-version.ts';
import { until } from '../support/until.ts';
import { Lab, labImages } from './lab/index.ts';
import { object, pod, sleeper, TestPods } from './support/pods.ts';

const CHECKOUT = realpathSync(join(import.meta.dirname, '../..'));

let lab: Lab;
let pods: TestPods;
before(async () => {
  lab = await Lab.start({ crds: [], images: labImages });
  pods = new TestPods(lab);
});
after(() => lab?.stop());

test('a Pod has its files, its environment, its name, and a root of its own', async () => {
  await lab.objects.apply([
    object('ConfigMap', 'settings', { data: { level: 'info', 'a.txt': 'first' } }),
    object('Secret', 'keys', { stringData: { key: 'secret' } }),
  ]);
  await pods.run('files', {
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
  const address = (await pods.status('files')).podIP;
  await until(
    'it has written what it got',
    async () => {
      const written = await pods.shell('files', 'cat /own/out || true');
      return written === `info-info! secret ${address}\n`;
    },
    60_000,
  );
  assert.equal(
    await pods.shell('files', 'cat /etc/settings/a.txt /etc/key /var/run/pod/name'),
    'firstsecretfiles',
  );
  assert.equal(await pods.shell('files', 'hostname; pwd'), 'files\n/somewhere/new\n');
  const ofTemporary = relative('/tmp', CHECKOUT).split('/')[0];
  const needed = ofTemporary === '..' ? '' : `${ofTemporary}\n`;
  assert.equal(await pods.shell('files', 'ls /tmp /run'), `/run:\npod\nsecrets\n\n/tmp:\n${needed}`);
  await assert.rejects(pods.shell('files', 'echo x > /etc/settings/a.txt'), /Read-only file system/);
  await pods.shell('files', 'echo x > /breakwater-lab-test');
  assert.equal((await lab.exec('default', 'files', ['cat', '/nothing'])).code, 1);

  await lab.objects.apply([object('ConfigMap', 'settings', { data: { level: 'info', 'a.txt': 'second' } })]);
  await until(
    'the file has changed',
    async () => (await pods.shell('files', 'cat /etc/settings/a.txt')) === 'second',
    60_000,
  );
});

test('what runs is found, also where a volume is mounted above it', async () => {
  await pods.run('above', {
    containers: [
      {
        name: 'c',
        image: 'node',
        command: [process.execPath, '-e', 'setInterval(() => {}, 1e6)'],
        volumeMounts: [{ name: 'above', mountPath: dirname(CHECKOUT) }],
      },
    ],
    volumes: [{ name: 'above', emptyDir: {} }],
  });
  assert.equal(await pods.shell('above', `ls ${dirname(CHECKOUT)}`), `${basename(CHECKOUT)}\n`);
  const version = await pods.shell(
    'above',
    `${process.execPath} ${join(CHECKOUT, 'bin/breakwater.js')} version -o json`,
  );
  assert.equal(JSON.parse(version).version, packageVersion());
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
  await pods.run('reader', { serviceAccountName: 'reader', containers: [sleeper] });
  const folder = '/var/run/secrets/kubernetes.io/serviceaccount';
  const ask = `curl -sS --fail --cacert ${folder}/ca.crt -H "Authorization: Bearer $(cat ${folder}/token)"`;
  const url =
    'https://$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT/api/v1/namespaces/default/configmaps';
  const found = await until(
    'the API server answers',
    () => pods.shell('reader', `${ask} ${url}`).catch(() => undefined),
    60_000,
  );
  assert.equal(JSON.parse(found).kind, 'ConfigMapList');
  assert.equal(await pods.shell('reader', `cat ${folder}/namespace`), 'default');

  await pods.run('nobody', { automountServiceAccountToken: false, containers: [sleeper] });
  await assert.rejects(pods.shell('nobody', `ls ${folder}`), /No such file/);
});

test('a Pod that may little: no root, a root that cannot be written, no capabilities', async () => {
  await pods.run('little', {
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
  assert.equal(await pods.shell('little', 'id -u; id -g; id -G'), '65532\n65532\n65532 2000\n');
  await assert.rejects(pods.shell('little', 'echo x > /x'), /Read-only file system/);
  await pods.shell('little', 'echo x > /own/x');
  assert.match(await pods.shell('little', 'cat /proc/self/status'), /CapBnd:\t0+\n/);
  assert.ok(
    (await pods.shell('little', 'cat /var/run/secrets/kubernetes.io/serviceaccount/token')).length > 100,
  );
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
    'it says what it waits for',
    async () => JSON.stringify(await pods.status('waiting')).includes('ConfigMap late not found'),
    60_000,
  );
  await lab.objects.apply([object('ConfigMap', 'late', { data: { a: 'b' } })]);
  await pods.isReady('waiting');
  assert.equal(await pods.shell('waiting', 'cat /own/order /late/a'), 'one\ntwo\nb');
});

test('probes: a Pod is ready when they say so, and started again when it lives no more', async () => {
  const exec = (command: string) => ({ exec: { command: ['sh', '-c', command] }, periodSeconds: 1 });
  await pods.run('probed', {
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
  await pods.shell('probed', 'touch /unready');
  await until('it is not ready', async () => ((await pods.ready('probed')) ? undefined : true), 60_000);
  await pods.shell('probed', 'rm /unready');
  await pods.isReady('probed');
  await pods.shell('probed', 'touch /dead');
  await until(
    'it was started again',
    async () => (await pods.status('probed')).containerStatuses?.[0]?.restartCount === 1,
    60_000,
  );
  await pods.isReady('probed');
  assert.equal(await pods.shell('probed', 'test -e /dead || echo new'), 'new\n');
  await until(
    'it began twice',
    async () => (await lab.logs('default', 'probed')) === 'begun\nbegun\n',
    60_000,
  );
});

test('a Pod that is done has succeeded, one that failed has failed', async () => {
  for (const [name, command, phase] of [
    ['done', 'exit 0', 'Succeeded'],
    ['broken', 'exit 3', 'Failed'],
  ] as const) {
    const container = { ...sleeper, command: ['sh', '-c', command] };
    await lab.objects.apply([pod(name, { restartPolicy: 'Never', containers: [container] })]);
    await until(`${name} is ${phase}`, async () => (await pods.status(name)).phase === phase, 60_000);
  }
});

test('an API server has the logs of a Pod', async () => {
  const print = { ...sleeper, command: ['sh', '-c', 'echo first; echo second; exec sleep infinity'] };
  await pods.run('logs', { containers: [print] });
  const log = (query: string) =>
    lab.server.request('GET', `/api/v1/namespaces/default/pods/logs/log${query}`);
  await until('both lines are there', async () => (await log('')).body === 'first\nsecond\n', 60_000);
  assert.equal((await log('?tailLines=1')).body, 'second\n');
});

test('a container that is to end gets its hook, then a signal', async () => {
  const command = 'trap "echo signal; exit 0" TERM; echo $$ > /pid; echo begun; while :; do sleep 0.1; done';
  const hook = 'echo hook >> /proc/$(cat /pid)/fd/1';
  const lifecycle = { preStop: { exec: { command: ['sh', '-c', hook] } } };
  await pods.run('ending', {
    terminationGracePeriodSeconds: 60,
    containers: [{ ...sleeper, command: ['sh', '-c', command], lifecycle }],
  });
  await until('it has begun', async () => (await lab.logs('default', 'ending')) === 'begun\n', 60_000);
  const log = join(lab.folder, 'pod-default-ending-c.log');
  await lab.objects.delete([object('Pod', 'ending')]);
  const path = '/api/v1/namespaces/default/pods/ending';
  await until('it is gone', async () => (await lab.server.request('GET', path)).status === 404, 60_000);
  assert.equal(await readFile(log, 'utf8'), 'begun\nhook\nsignal\n');
});

test('a hook that asks by HTTP is waited for; one that fails, or is not answered within the grace period, keeps nothing from ending', async () => {
  const program = `
    const answer = response => { console.log('answered'); response.end(); };
    require('node:http').createServer((request, response) => {
      console.log(request.url);
      if (request.url === '/slow') setTimeout(answer, 1500, response);
    }).listen(8080, () => console.log('begun'));
    process.on('SIGTERM', () => { console.log('signal'); process.exit(); });`;
  const cases = [
    { name: 'slow', path: '/slow', port: 8080, grace: 60, log: /^begun\n\/slow\nanswered\nsignal\n$/ },
    { name: 'refused', path: '/slow', port: 8081, grace: 60, log: /^begun\nsignal\n$/ },
    { name: 'never', path: '/never', port: 8080, grace: 3, log: /^begun\n\/never\n(signal\n)?$/ },
  ];
  await Promise.all(
    cases.map(async ({ name, path, port, grace, log }) => {
      const container = {
        name: 'c',
        image: 'node',
        command: [process.execPath, '-e', program],
        lifecycle: { preStop: { httpGet: { path, port } } },
      };
      await pods.run(`hook-${name}`, { terminationGracePeriodSeconds: grace, containers: [container] });
      const written = async () => await lab.logs('default', `hook-${name}`);
      await until('it has begun', async () => (await written()) === 'begun\n', 60_000);
      await lab.objects.delete([object('Pod', `hook-${name}`)]);
      const at = `/api/v1/namespaces/default/pods/hook-${name}`;
      await until('it is gone', async () => (await lab.server.request('GET', at)).status === 404, 60_000);
      assert.match(await readFile(join(lab.folder, `pod-default-hook-${name}-c.log`), 'utf8'), log);
    }),
  );
});
