import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { until } from '../support/until.ts';
import { Lab, labImages } from './lab/index.ts';
import { object, sleeper, TestPods } from './support/pods.ts';

let lab: Lab;
let pods: TestPods;
before(async () => {
  lab = await Lab.start({ crds: [], images: labImages });
  pods = new TestPods(lab);
  await Promise.all(['a', 'b'].map(name => pods.run(name, { containers: [server] }, { app: 'echo' })));
});
after(() => lab?.stop());

/** Answers with its name and what it was sent, once the client has ended its half. */
const SERVER = `require('net').createServer({ allowHalfOpen: true }, s => {
  let text = '';
  s.on('data', chunk => text += chunk).on('end', () => s.end(require('os').hostname() + ' ' + text));
}).listen(9000)`;
const server = {
  name: 'c',
  image: 'node',
  command: [process.execPath, '-e', SERVER],
  ports: [{ name: 'text', containerPort: 9000 }],
  readinessProbe: { tcpSocket: { port: 'text' } },
};

test('a ClusterIP leads to Pods that are ready, each connection to one of them', async () => {
  await apply('echo', { ports: [{ name: 'x', port: 80, targetPort: 'text' }] });
  const { clusterIP } = (await service('echo')).spec;
  await answers(clusterIP, 80);
  const names = new Set<string>();
  await until(
    'both answer',
    async () => {
      names.add((await ask(clusterIP, 80, 'hello')).split(' ')[0]!);
      return names.size === 2;
    },
    60_000,
  );
  await pods.run('client', { containers: [sleeper] });
  const program = `require('net').connect(80, '${clusterIP}').end('from a Pod').on('data', d => console.log(\`\${d}\`))`;
  const { stdout } = await lab.exec('default', 'client', [process.execPath, '-e', program]);
  assert.match(stdout, /^[ab] from a Pod$/m);
});

test('Pods find Services by name, of their own namespace and of others', async () => {
  await apply('headless', { clusterIP: 'None', ports: [{ port: 9000 }] });
  await pods.run('asks-names', { containers: [sleeper] });
  const found = (name: string) =>
    pods.shell('asks-names', `getent ahostsv4 ${name} | awk '{print $1}' | sort -u`);
  const { clusterIP } = (await service('echo')).spec;
  for (const name of ['echo', 'echo.default', 'echo.default.svc', 'echo.default.svc.cluster.local'])
    assert.equal(await found(name), `${clusterIP}\n`, name);
  const addresses = await Promise.all(['a', 'b'].map(async name => (await pods.status(name)).podIP!));
  await until(
    'a headless one is its Pods',
    async () => {
      return (await found('headless')) === `${addresses.sort().join('\n')}\n`;
    },
    60_000,
  );
  assert.equal(await found('echo.nowhere'), '');
});

test('a Service without endpoints refuses connections', async () => {
  await apply('nobody', { selector: { app: 'nobody' }, ports: [{ port: 80, targetPort: 9000 }] });
  const { clusterIP } = (await service('nobody')).spec;
  await until('it is refused', () => isRefused(clusterIP, 80), 60_000);
  await pods.run('late', { containers: [server] }, { app: 'nobody' });
  assert.equal(await answers(clusterIP, 80), 'late ');
  await lab.objects.delete([object('Pod', 'late')]);
  await until('it is refused again', () => isRefused(clusterIP, 80), 60_000);
});

test('a Service of type LoadBalancer gets an address, and the one it asks for', async () => {
  const type = 'LoadBalancer';
  await apply('balanced', { type, ports: [{ port: 8080, targetPort: 9000 }] });
  const address = await until('there is an address', () => ingress('balanced'), 60_000);
  await answers(address, 8080);
  const wanted = address.replace(/\d+$/, '200');
  await apply('asks', { type, loadBalancerIP: wanted, ports: [{ port: 8080, targetPort: 9000 }] });
  assert.equal(await until('there is an address', () => ingress('asks'), 60_000), wanted);
  await answers(wanted, 8080);
  const { nodePort } = (await service('asks')).spec.ports[0]!;
  const { status } = (await lab.objects.ask('GET', '/api/v1/nodes/lab')) as {
    status: { addresses: { address: string }[] };
  };
  await answers(status.addresses[0]!.address, nodePort!);

  await apply('late', { type, loadBalancerIP: wanted, ports: [{ port: 8080, targetPort: 9000 }] });
  await apply('outside', { type, loadBalancerIP: '192.0.2.1', ports: [{ port: 1, targetPort: 9000 }] });
  await apply('last', { type, ports: [{ port: 8080, targetPort: 9000 }] });
  await until('a later one has an address', () => ingress('last'), 60_000);
  assert.equal(await ingress('late'), undefined, 'it is taken');
  assert.equal(await ingress('outside'), undefined, 'it is of no range');
  await lab.objects.delete([object('Service', 'asks')]);
  assert.equal(await until('it is free', () => ingress('late'), 60_000), wanted);
});

test('labs of one time have different addresses', async () => {
  const other = await Lab.start({ crds: [], images: labImages });
  try {
    const { clusterIP } = (await service('kubernetes')).spec;
    const { body } = await other.server.request('GET', '/api/v1/namespaces/default/services/kubernetes');
    assert.notEqual((body as Service).spec.clusterIP, clusterIP);
    await answers(clusterIP, 443);
    await answers((body as Service).spec.clusterIP, 443);
  } finally {
    await other.stop();
  }
});

interface Service {
  readonly spec: { readonly clusterIP: string; readonly ports: readonly { readonly nodePort?: number }[] };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip: string }[] } };
}

async function apply(name: string, spec: object): Promise<void> {
  await lab.objects.apply([object('Service', name, { spec: { selector: { app: 'echo' }, ...spec } })]);
}

async function service(name: string): Promise<Service> {
  return (await lab.objects.ask('GET', `/api/v1/namespaces/default/services/${name}`)) as Service;
}

async function ingress(name: string): Promise<string | undefined> {
  return (await service(name)).status?.loadBalancer?.ingress?.[0]?.ip;
}

/** The answer to an empty question, as soon as there is one. */
async function answers(address: string, port: number): Promise<string> {
  return await until(
    `${address}:${port} answers`,
    () => ask(address, port, '').catch(() => undefined),
    60_000,
  );
}

async function isRefused(address: string, port: number): Promise<boolean> {
  return await ask(address, port, '').then(
    () => false,
    error => error.code === 'ECONNREFUSED',
  );
}

/** What comes until the other side has ended, after this side has. */
async function ask(address: string, port: number, text: string): Promise<string> {
  const socket = connect(port, address);
  socket.end(text);
  let answer = '';
  socket.on('data', chunk => {
    answer += chunk;
  });
  await once(socket, 'end', { signal: AbortSignal.timeout(20_000) });
  return answer;
}
