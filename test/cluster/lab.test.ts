import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { loadApiServer } from '../../src/cluster/api-server/index.ts';
import { until } from '../support/until.ts';
import { Lab, labImages } from './lab/index.ts';
import { Objects } from './lab/objects.ts';
import { isOrphaned } from './lab/owned.ts';
import { pod, sleeper } from './support/pods.ts';

const main = join(import.meta.dirname, 'lab/main.ts');
const APP = readFileSync(
  join(import.meta.dirname, '../../examples/circuit-breaking/inference_app.yaml'),
  'utf8',
);

let lab: Lab | undefined;
after(() => lab?.stop());

test('a lab that is killed leaves no process behind, and the next one clears up the rest', async () => {
  const child = spawn(process.execPath, [main], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [kubeconfig] = (await once(createInterface(child.stdout), 'line')) as [string];
  assert.ok(existsSync(kubeconfig));
  const started = programsOf(child.pid!);
  assert.ok(started.length >= 3, `${started}`);
  const inPods = await runPod(kubeconfig, child.pid!);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await until('its programs have ended', () => started.every(pid => !existsSync(`/proc/${pid}`)), 60_000);
  lab = await Lab.start({ images: labImages });
  assert.ok(!existsSync(kubeconfig), 'its folder is gone');
  assert.deepEqual(networks().filter(isOrphaned), []);
  await until('what the Pod left has ended', () => inPods.every(pid => !existsSync(`/proc/${pid}`)), 60_000);
});

test('Pods of a Deployment are processes that answer, and end with it', async () => {
  await lab!.objects.apply(APP);
  const address = await until(
    'the model server is ready',
    async () => (await pods()).find(pod => pod.ready)?.address,
    60_000,
  );
  const { data } = (await (await fetch(`http://${address}:8000/v1/models`)).json()) as { data: unknown[] };
  assert.ok(data.length > 0);
  await lab!.objects.delete(APP);
  await until('its Pods are gone', async () => ((await pods()).length === 0 ? true : undefined), 60_000);
  await assert.rejects(fetch(`http://${address}:8000/v1/models`, { signal: AbortSignal.timeout(2000) }));
});

test('a Service has the addresses of Pods that are ready, and loses one that ends', async () => {
  const labels = { app: 'sleeper' };
  const containers = [{ name: 'c', image: 'x', command: ['/bin/sleep', 'infinity'] }];
  const meta = { name: 'sleeper', namespace: 'default' };
  const objects = [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: meta,
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers } },
      },
    },
    { apiVersion: 'v1', kind: 'Service', metadata: meta, spec: { selector: labels, ports: [{ port: 80 }] } },
  ];
  await lab!.objects.apply(objects);
  await until(
    'two endpoints',
    async () => ((await endpoints('sleeper')).length === 2 ? true : undefined),
    60_000,
  );
  await lab!.objects.apply([{ ...objects[0]!, spec: { ...objects[0]!.spec, replicas: 1 } }]);
  await until(
    'one endpoint',
    async () => ((await endpoints('sleeper')).length === 1 ? true : undefined),
    60_000,
  );
  await lab!.objects.delete(objects);
});

/** A Pod whose container leaves a process to itself; all that run there. */
async function runPod(kubeconfig: string, labPid: number): Promise<number[]> {
  const objects = new Objects(await loadApiServer({ kubeconfig }));
  const command = ['sh', '-c', 'sleep infinity & exec sleep infinity'];
  const sleepers = pod('sleepers', { containers: [{ ...sleeper, command }] });
  await until(
    'it is made',
    () =>
      objects.apply([sleepers]).then(
        () => true,
        () => undefined,
      ),
    60_000,
  );
  return await until(
    'both run',
    () => {
      const own = networks().filter(name => name.startsWith(`breakwater-lab-${labPid}-`));
      const found = own.flatMap(name => ip('netns', 'pids', name).map(Number)).filter(isSleep);
      return found.length === 2 ? found : undefined;
    },
    60_000,
  );
}

function isSleep(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8') === 'sleep\n';
  } catch {
    return false;
  }
}

function networks(): string[] {
  return ip('netns', 'list').map(line => line.split(' ')[0]!);
}

function ip(...args: string[]): string[] {
  return execFileSync('ip', args, { encoding: 'utf8', stdio: 'pipe' })
    .split('\n')
    .filter(line => line !== '');
}

async function pods(): Promise<{ address: string | undefined; ready: boolean }[]> {
  const { items } = (await lab!.objects.ask('GET', '/api/v1/namespaces/default/pods')) as {
    items: { status?: { podIP?: string; conditions?: { type: string; status: string }[] } }[];
  };
  return items.map(({ status }) => ({
    address: status?.podIP,
    ready: status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false,
  }));
}

test('an installation is done when its Pods are available, and says why not', async () => {
  const labels = { app: 'installed' };
  const deployment = (command: string[]) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'installed', namespace: 'default' },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ ...sleeper, command }] } },
    },
  });
  await lab!.install([deployment(['sh', '-c', 'echo begun; exec sleep infinity'])]);
  await until(
    'both have begun',
    async () => (await lab!.logs('default', 'deployment/installed')) === 'begun\nbegun\n',
    60_000,
  );
  const broken = [deployment(['sh', '-c', 'echo it is broken; exit 1'])];
  await assert.rejects(lab!.install(broken, 3000), /Deployment installed is rolled out.*it is broken/s);
  await lab!.objects.delete(broken);
});

async function endpoints(service: string): Promise<string[]> {
  const path = `/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io/service-name=${service}`;
  const { items } = (await lab!.objects.ask('GET', path)) as {
    items: { endpoints?: { addresses: string[]; conditions?: { ready?: boolean } }[] | null }[];
  };
  return items.flatMap(slice =>
    (slice.endpoints ?? []).filter(each => each.conditions?.ready !== false).flatMap(each => each.addresses),
  );
}

/** proc_pid_stat(5), field 4: of all processes, those whose parent it is. */
function programsOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(pid => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent;
      } catch {
        return false;
      }
    });
}
