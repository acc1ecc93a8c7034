import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { connect } from 'node:tls';
import { EnvoyPlane } from '../../src/envoy/envoy-plane.ts';
import { type Plan, planVersion, type Server } from '../../src/plan/index.ts';
import { Ports } from '../../src/proxy/plane/listening-ports.ts';
import { envoyOf } from '../envoy-e2e/support/up-envoy.ts';
import { pem } from '../proxy/support/certificates.ts';
import { envoyPath } from '../support/envoy.ts';
import { freePort } from '../support/free-port.ts';
import { planOf } from '../support/plan-of.ts';
import { until } from '../support/until.ts';
import { Echo, hosts, statusOf } from './support/hosts.ts';

const LISTENERS = ['a', 'b', 'c', 'd', 'e', 'f'];
const GOOD = { certChainPem: pem('a.example', 'crt'), privateKeyPem: pem('a.example', 'key') };

/** What translation lets through by mistake, each in another way: told to Envoy all the same. */
const MISTAKES: Readonly<Record<string, Partial<typeof GOOD>>> = {
  a: { certChainPem: 'no certificate' },
  b: { certChainPem: `${GOOD.certChainPem}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n` },
  c: { privateKeyPem: 'no key' },
  d: { privateKeyPem: pem('forged', 'key') },
  e: { certChainPem: '' },
  f: { certChainPem: 'no certificate' },
};

let echo: Echo;
let plane: EnvoyPlane;
let port: number;
let ports: readonly number[];

before(async () => {
  echo = await Echo.start();
});
beforeEach(async () => {
  await plane?.close();
  port = await freePort();
  ports = [await freePort(), await freePort()];
  const finder = new Ports({ address: '127.0.0.1', portOffset: 0 });
  plane = await EnvoyPlane.start({
    envoyPath: await envoyPath(),
    concurrency: 1,
    findPorts: (servers, current) => finder.find(servers, current),
    onEvent: () => {},
    onLog: () => {},
  });
});
after(async () => {
  await plane?.close();
  await echo?.close();
});

/** Two ports for HTTPS with the same listeners, one for HTTP. @param bad `INDEX OF THE PORT:LISTENER` */
function planWith(bad: readonly string[]): Plan {
  const plan = planOf(hosts(port, echo.port, ['plain']), { plane: 'envoy' });
  const [server] = plan.servers;
  const servers = ports.map((own, at): Server => {
    const listeners = LISTENERS.map(name => ({
      name: `${at}-${name}`,
      hostname: `${name}.test`,
      certificates: [{ ...GOOD, ...(bad.includes(`${at}:${name}`) && MISTAKES[name]) }],
      virtualHosts: [],
    }));
    return { ...(server as Server), name: `default/gw/${own}`, port: own, protocol: 'HTTPS', listeners };
  });
  const content = { ...plan, servers: [...plan.servers, ...servers] };
  return { ...content, version: planVersion(content) };
}

/** What a client of TLS gets that names this host. */
function handshake(to: number, servername: string): Promise<string> {
  return new Promise(resolve => {
    const socket = connect({ host: '127.0.0.1', port: to, servername, rejectUnauthorized: false });
    socket.on('secureConnect', () => {
      resolve('served');
      socket.destroy();
    });
    socket.on('error', () => resolve('refused'));
    socket.on('close', () => resolve('refused'));
  });
}

async function isServedBut(bad: readonly string[]): Promise<void> {
  for (const [at, own] of ports.entries())
    for (const name of LISTENERS)
      await until(`${name} of port ${at} where ${bad} are bad`, async () => {
        const got = await handshake(own, `${name}.test`);
        return got === (bad.includes(`${at}:${name}`) ? 'refused' : 'served');
      });
  assert.equal(await statusOf(port, 'plain.test'), 200);
}

async function apply(bad: readonly string[]): Promise<void> {
  const report = await plane.apply(planWith(bad));
  assert.equal(report.error, undefined);
  const named = (report.leftOut ?? []).map(({ listener }) => listener?.replace('-', ':'));
  assert.deepEqual(named.sort(), [...bad].sort());
  for (const { message } of report.leftOut ?? []) assert.notEqual(message, '');
  await isServedBut(bad);
}

const SEVERAL = ['0:a', '0:c', '0:d', '1:b', '1:e', '1:f'];

test('of several certificates that Envoy refuses at the first start each is named, and all else is served', {
  timeout: 120_000,
}, async () => {
  await apply(SEVERAL);
  await apply([]);
});

test('of several certificates that become bad each is named, again and again, also where it was bad before', {
  timeout: 180_000,
}, async () => {
  for (const bad of [
    [],
    SEVERAL,
    SEVERAL,
    ['0:a', '0:b', '1:b'],
    [],
    ['0:a', '0:f', '1:a', '1:b'],
    ['1:b'],
    [],
  ])
    await apply(bad);
});

test('an Envoy that starts again is told no certificate that it has refused', {
  timeout: 120_000,
}, async () => {
  await apply(SEVERAL);
  process.kill(await envoyOf(process.pid), 'SIGKILL');
  await until('Envoy listens again', async () => (await statusOf(port, 'plain.test')) === 200, 20_000);
  await isServedBut(SEVERAL);
  await apply(['0:a', '1:f']);
  await apply([]);
});
