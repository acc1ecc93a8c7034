import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MISDIRECTED, virtualHosts } from '../../src/envoy/resources/route/virtual-hosts.ts';
import { type Listener, NO_HEADER_MUTATION, type Route, type Server } from '../../src/plan/index.ts';
import { HostTable } from '../../src/request/route/host-table.ts';
import { isMisdirected } from '../../src/request/route/misdirected.ts';

const labels = fc.constantFrom('a', 'b', 'c');
const host = fc.array(labels, { minLength: 1, maxLength: 4 }).map(parts => parts.join('.'));
const hostname = fc.oneof(
  host,
  host.map(name => `*.${name}`),
);

/** Host names that a route's and its listener's have in common, as translate gives them. */
function within(domain: string, listener: string | undefined): boolean {
  if (listener === undefined || domain === listener) return true;
  return listener.startsWith('*.') && domain.endsWith(listener.slice(1)) && domain !== listener.slice(2);
}

const server = fc
  .uniqueArray(
    fc.tuple(fc.option(hostname, { nil: undefined }), fc.uniqueArray(hostname, { maxLength: 4 })),
    {
      minLength: 1,
      maxLength: 5,
      selector: ([name]) => name,
    },
  )
  .map(
    (listeners): Server => ({
      name: 'default/gw/80',
      gateway: { kind: 'Gateway', namespace: 'default', name: 'gw' },
      port: 80,
      protocol: 'HTTP',
      listeners: listeners.map(([name, domains], i) => listener(i, name, domains)),
    }),
  );

function listener(index: number, name: string | undefined, domains: readonly string[]): Listener {
  const own = name ?? '*';
  const all = new Set([...domains.filter(domain => within(domain, name)), ...(index % 2 === 0 ? [own] : [])]);
  return {
    name: `l${index}`,
    ...(name !== undefined && { hostname: name }),
    certificates: [],
    virtualHosts: [...all].map(domain => ({ domain, routes: [route(`l${index} ${domain}`)] })),
  };
}

function route(name: string): Route {
  return {
    name,
    source: { kind: 'HTTPRoute', namespace: 'default', name: 'r' },
    ruleIndex: 0,
    match: { path: { type: 'PathPrefix', value: '/' }, headers: [], queryParams: [] },
    requestHeaders: NO_HEADER_MUTATION,
    responseHeaders: NO_HEADER_MUTATION,
    mirrors: [],
    timeouts: {},
    action: { kind: 'direct', status: 200, body: '', reason: '' },
  };
}

/** How Envoy looks a host up: exact, then the longest wildcard, then any. */
function envoyFinds(hosts: ReturnType<typeof virtualHosts>, name: string): string | undefined {
  const domains = new Map(hosts.map(({ domain, routes }) => [domain, routes]));
  let found = domains.get(name);
  for (let i = 1; found === undefined && i < name.length; i++) found = domains.get(`*${name.slice(i)}`);
  found ??= domains.get('*');
  return found === MISDIRECTED ? MISDIRECTED : found?.[0]?.name;
}

const REQUEST = { method: 'GET', path: '/', query: '', headers: [] };

test('HTTP listeners of one port in one list of virtual hosts are isolated as in the embedded plane', () => {
  fc.assert(
    fc.property(server, host, (plan, name) => {
      const expected = new HostTable(plan).find(name, REQUEST)?.route.name;
      assert.equal(envoyFinds(virtualHosts(plan, undefined), name), expected);
    }),
    { numRuns: 2000 },
  );
});

test('HTTPS listeners: a host of another listener than the handshake named is misdirected', () => {
  fc.assert(
    fc.property(server, host, host, (plan, serverName, name) => {
      const hosts = new HostTable(plan);
      const chosen = hosts.listener(serverName);
      fc.pre(chosen !== undefined);
      const expected = isMisdirected(hosts, serverName, name)
        ? MISDIRECTED
        : hosts.find(name, REQUEST)?.route.name;
      assert.equal(envoyFinds(virtualHosts(plan, chosen), name), expected);
    }),
    { numRuns: 2000 },
  );
});

test('no domain is listed twice, which Envoy would refuse', () => {
  fc.assert(
    fc.property(server, plan => {
      for (const chosen of [undefined, ...plan.listeners]) {
        const domains = virtualHosts(plan, chosen).map(({ domain }) => domain);
        assert.equal(new Set(domains).size, domains.length);
      }
    }),
  );
});
