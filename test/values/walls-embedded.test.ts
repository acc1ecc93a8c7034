import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connect } from 'node:tls';
import { type Cluster, type Listener, type Plan, planVersion, type Route } from '../../src/plan/index.ts';
import { EmbeddedPlane } from '../../src/proxy/embedded-plane.ts';
import { pem } from '../proxy/support/certificates.ts';
import { freePort } from '../support/free-port.ts';
import { planOf } from '../support/plan-of.ts';
import { Echo, hosts, statusOf } from './support/hosts.ts';

const NAMES = ['a1', 'b1', 'c1', 'd1', 'e1', 'f1'];

/** What translation lets through by mistake: given to the workers all the same. */
const ROUTES: Readonly<Record<string, (route: Route) => Route>> = {
  b1: route => ({ ...route, match: { ...route.match, path: { type: 'RegularExpression', value: '/(' } } }),
  f1: route => ({
    ...route,
    match: { ...route.match, headers: [{ type: 'RegularExpression', name: 'x-of', value: '(' }] },
  }),
};
const CLUSTERS: Readonly<Record<string, (cluster: Cluster) => Cluster>> = {
  d1: cluster => ({ ...cluster, limit: 'of nobody' }),
};

function changed(
  plan: Plan,
  listenerOf: (listener: Listener, protocol: string) => Listener = each => each,
): Plan {
  const content = {
    ...plan,
    servers: plan.servers.map(server => ({
      ...server,
      listeners: server.listeners.map(listener =>
        listenerOf(
          {
            ...listener,
            virtualHosts: listener.virtualHosts.map(host => ({
              ...host,
              routes: host.routes.map(route => ROUTES[route.source.name]?.(route) ?? route),
            })),
          },
          server.protocol,
        ),
      ),
    })),
    clusters: plan.clusters.map(each => CLUSTERS[each.name.split('/')[2] ?? '']?.(each) ?? each),
  };
  return { ...content, version: planVersion(content) };
}

const events: string[] = [];
let plane: EmbeddedPlane;
let echo: Echo;
let port: number;
before(async () => {
  port = await freePort();
  echo = await Echo.start();
  plane = await EmbeddedPlane.start({
    address: '127.0.0.1',
    portOffset: 0,
    workers: 2,
    onEvent: message => events.push(message),
  });
});
after(async () => {
  await plane?.close();
  await echo?.close();
});

async function statuses(): Promise<Record<string, number | string>> {
  const each = NAMES.map(async name => [name, await statusOf(port, `${name}.test`)] as const);
  return Object.fromEntries(await Promise.all(each));
}

test('what cannot be made of a plan costs its own requests, at the first start too', async () => {
  const report = await plane.apply(changed(planOf(hosts(port, echo.port, NAMES))));
  assert.equal(report.error, undefined);
  assert.deepEqual(await statuses(), { a1: 200, b1: 404, c1: 200, d1: 500, e1: 200, f1: 404 });
  assert.equal(await statusOf(port, 'f1.test', '/', undefined, { 'x-of': 'any' }), 500);
  assert.deepEqual(
    report.leftOut
      ?.map(
        ({ source, rule, unmatched }) =>
          `${source.kind} ${source.name} ${rule} ${unmatched ? 'unmatched' : 500}`,
      )
      .sort(),
    ['HTTPRoute b1 0 unmatched', 'HTTPRoute d1 0 500', 'HTTPRoute f1 0 500'],
  );
  assert.deepEqual(
    events
      .filter(event => /cannot be (served|matched)/.test(event))
      .map(event => event.replace(/:.*/, ''))
      .sort(),
    [
      'rule 0 of HTTPRoute default/b1 cannot be matched, its requests go to what else matches or get 404',
      'rule 0 of HTTPRoute default/d1 cannot be served, requests for it get 500',
      'rule 0 of HTTPRoute default/f1 cannot be served, requests for it get 500',
    ],
  );
});

test('once it is mended all of it is served', async () => {
  const report = await plane.apply(planOf(hosts(port, echo.port, NAMES)));
  assert.equal(report.leftOut, undefined);
  assert.deepEqual(await statuses(), Object.fromEntries(NAMES.map(name => [name, 200])));
});

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

test('a certificate that cannot be used costs its own listener, whenever it comes', async () => {
  const tlsPort = await freePort();
  const pair = { certChainPem: pem('a.example', 'crt'), privateKeyPem: pem('a.example', 'key') };
  const of = (isBad: boolean) => {
    const plan = planOf(hosts(port, echo.port, NAMES));
    const [server] = plan.servers;
    const listener = (name: string, bad: boolean): Listener => ({
      name,
      hostname: `${name}.test`,
      certificates: [{ ...pair, ...(bad && { certChainPem: 'no certificate' }) }],
      virtualHosts: [],
    });
    const tls = {
      ...(server as Plan['servers'][number]),
      name: `default/gw/${tlsPort}`,
      port: tlsPort,
      protocol: 'HTTPS' as const,
      listeners: [listener('good', false), listener('bad', isBad)],
    };
    const content = { ...plan, servers: [...plan.servers, tls] };
    return { ...content, version: planVersion(content) };
  };
  for (const isBad of [true, false, true]) {
    const report = await plane.apply(of(isBad));
    assert.equal(report.error, undefined);
    assert.equal(await handshake(tlsPort, 'good.test'), 'served');
    assert.equal(await handshake(tlsPort, 'bad.test'), isBad ? 'refused' : 'served');
    assert.equal(await statusOf(port, 'a1.test'), 200);
    assert.deepEqual(
      report.leftOut?.map(({ listener }) => listener),
      isBad ? ['bad'] : undefined,
    );
  }
});
