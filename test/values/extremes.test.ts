import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { buildResourceSet, parseObject } from '../../src/api/index.ts';
import { EnvoyPlane } from '../../src/envoy/envoy-plane.ts';
import { PLUGIN_CATALOG } from '../../src/picker/index.ts';
import type { Plane } from '../../src/plane/data-plane.ts';
import { EmbeddedPlane } from '../../src/proxy/embedded-plane.ts';
import { Ports } from '../../src/proxy/plane/listening-ports.ts';
import { translate } from '../../src/translate/index.ts';
import { envoyPath } from '../support/envoy.ts';
import { freePort } from '../support/free-port.ts';
import { type Extreme, extremeObjects } from './support/extremes.ts';
import { Echo, statusOf } from './support/hosts.ts';

/** Another one each day; `BW_SEED` repeats one. */
const SEED = Number(process.env['BW_SEED'] ?? Math.floor(Date.now() / 86_400_000));
/** Of all that there are, about 3,000; `BW_CASES` takes more. */
const CASES = Number(process.env['BW_CASES'] ?? 400);
/** What Envoy alone knows: its words are in the status. */
const LEFT_TO_ENVOY = /must support HTTP\/2 for gRPC healthchecking/;
const AT_ONCE = 16;
const ANSWER_MS = 1_500;
/** What is asked to take its time, or to wait for a connection of which there are none. */
const MAY_WAIT = /faultInjection\.delay\.fixedDelay|perEndpoint\.maxConnections (-|0)/;

const GATEWAY = 'gateway.networking.k8s.io/v1';
const ENVOY = 'gateway.envoyproxy.io/v1alpha1';
const metadata = (name: string) => ({ name, namespace: 'default' });
const echoRef = { group: 'gateway.envoyproxy.io', kind: 'Backend', name: 'echo' };

function route(name: string, rule: object): object {
  const spec = { parentRefs: [{ name: 'gw' }], hostnames: [`${name}.test`], rules: [rule] };
  return { apiVersion: GATEWAY, kind: 'HTTPRoute', metadata: metadata(name), spec };
}

interface Case {
  readonly title: string;
  readonly objects: (name: string) => object[];
}

function named(object: object, name: string, spec: object = {}): object {
  const known = object as { spec: object };
  return { ...known, metadata: metadata(name), spec: { ...known.spec, ...spec } };
}

function allCases(): Case[] {
  const target = (name: string) => [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name }];
  const policy = (spec: object) => ({
    apiVersion: ENVOY,
    kind: 'BackendTrafficPolicy',
    metadata: metadata('p'),
    spec: { targetRefs: target('p'), ...spec },
  });
  const TARGETS = new Set(['targetRef', 'targetRefs', 'targetSelectors']);
  const policies = [...extremeObjects('BackendTrafficPolicy', ['spec'], policy)]
    .filter(({ title }) => !TARGETS.has(title.split(' ')[1]?.split('.')[1] ?? ''))
    .map(({ title, object }) => ({
      title,
      objects: (name: string) => [
        route(name, { backendRefs: [echoRef] }),
        named(object, name, { targetRefs: target(name) }),
      ],
    }));
  const rule = (part: Record<string, unknown>) => {
    const filters = (part['filters'] ?? []) as { type: string }[];
    const leads = part['backendRefs'] !== undefined || filters.some(({ type }) => type === 'RequestRedirect');
    return route('r', leads ? part : { ...part, backendRefs: [echoRef] });
  };
  const routes = [...extremeObjects('HTTPRoute', ['spec', 'rules', '[]'], rule)].map(
    ({ title, object }: Extreme): Case => ({
      title,
      objects: name => [named(object, name, { hostnames: [`${name}.test`] })],
    }),
  );
  const backend = (endpoint: object) => ({
    apiVersion: ENVOY,
    kind: 'Backend',
    metadata: metadata('b'),
    spec: { endpoints: [endpoint] },
  });
  const backends = [...extremeObjects('Backend', ['spec', 'endpoints', '[]'], backend)].map(
    ({ title, object }): Case => ({
      title,
      objects: name => [route(name, { backendRefs: [{ ...echoRef, name }] }), named(object, name)],
    }),
  );
  const trust = (validation: object) => ({
    apiVersion: GATEWAY,
    kind: 'BackendTLSPolicy',
    metadata: metadata('t'),
    spec: {
      targetRefs: [{ group: 'gateway.envoyproxy.io', kind: 'Backend', name: 't' }],
      validation: { hostname: 'a.test', wellKnownCACertificates: 'System', ...validation },
    },
  });
  const tls = [...extremeObjects('BackendTLSPolicy', ['spec', 'validation'], trust)].map(
    ({ title, object }): Case => ({
      title,
      objects: name => [
        route(name, { backendRefs: [{ ...echoRef, name }] }),
        named(backend({ ip: { address: '127.0.0.1', port: 9 } }), name),
        named(object, name, {
          targetRefs: [{ group: 'gateway.envoyproxy.io', kind: 'Backend', name }],
        }),
      ],
    }),
  );
  return [...policies, ...routes, ...backends, ...tls];
}

/** Listeners of Gateways of their own: each on a port that is free, but where the port is what is odd. */
async function listenerCases(): Promise<Case[]> {
  const gateway = (part: object) => ({
    apiVersion: GATEWAY,
    kind: 'Gateway',
    metadata: metadata('g'),
    spec: { gatewayClassName: 'c', listeners: [{ name: 'l', port: 1, protocol: 'HTTP', ...part }] },
  });
  const odd = [...extremeObjects('Gateway', ['spec', 'listeners', '[]'], gateway)];
  const cases: Case[] = [];
  for (const { title, object } of odd) {
    const [listener] = (object as ReturnType<typeof gateway>).spec.listeners;
    const port = / port \S/.test(title.replace('[].', ' ')) ? listener?.port : await freePort();
    for (const protocol of ['HTTP', 'HTTPS'])
      cases.push({
        title: `${title} (${protocol})`,
        objects: name => [
          named(object, name, { listeners: [{ ...listener, protocol, port }] }),
          named(route(name, { backendRefs: [echoRef] }), name, { parentRefs: [{ name: 'gw' }, { name }] }),
        ],
      });
  }
  return cases.filter(({ objects }) => objects('c').every(each => parseObject(each).object !== undefined));
}

/** A few of many, by the seed (mulberry32). */
function drawn<T>(items: readonly T[], count: number): T[] {
  let state = SEED;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return items
    .map(item => [random(), item] as const)
    .sort(([a], [b]) => a - b)
    .slice(0, count)
    .map(([, item]) => item);
}

const HEALTHY = ['h0', 'h1', 'h2'];
let echo: Echo;
before(async () => {
  echo = await Echo.start();
});
after(() => echo.close());

function manifests(port: number, cases: readonly Case[]): object[] {
  const controllerName = 'gateway.envoyproxy.io/gatewayclass-controller';
  return [
    { apiVersion: GATEWAY, kind: 'GatewayClass', metadata: { name: 'c' }, spec: { controllerName } },
    {
      apiVersion: GATEWAY,
      kind: 'Gateway',
      metadata: metadata('gw'),
      spec: { gatewayClassName: 'c', listeners: [{ name: 'web', protocol: 'HTTP', port }] },
    },
    {
      apiVersion: ENVOY,
      kind: 'Backend',
      metadata: metadata('echo'),
      spec: { endpoints: [{ ip: { address: '127.0.0.1', port: echo.port } }] },
    },
    ...HEALTHY.map(name => route(name, { backendRefs: [echoRef] })),
    ...cases.flatMap((each, index) => each.objects(`c${index}`)),
  ];
}

async function serves(
  kind: 'embedded' | 'envoy',
  start: (onEvent: (message: string) => void) => Promise<Plane>,
): Promise<void> {
  const note = `seed ${SEED}`;
  const port = await freePort();
  const cases = [...drawn(allCases(), CASES), ...(await listenerCases())];
  const entries = manifests(port, cases).map(raw => {
    const { object, errors } = parseObject(raw);
    assert.deepEqual(errors, [], JSON.stringify(raw));
    return { object: object! };
  });
  const set = buildResourceSet(entries);
  const options = {
    controllerNames: ['gateway.envoyproxy.io/gatewayclass-controller'],
    plane: kind,
    plugins: PLUGIN_CATALOG,
  } as const;
  const { plan, statuses } = translate(set, options);
  const events: string[] = [];
  const plane = await start(message => events.push(message));
  try {
    const report = await plane.apply(plan);
    assert.equal(report.error, undefined, note);
    const healthy = async () => {
      for (const name of HEALTHY) assert.equal(await statusOf(port, `${name}.test`), 200, note);
    };
    await healthy();
    const answers: (number | string)[] = [];
    const indexes = cases.keys();
    const ask = async () => {
      for (const index of indexes) answers[index] = await statusOf(port, `c${index}.test`, '/', ANSWER_MS);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, ask));
    const unanswered = cases
      .map(({ title }, index) => `${title}: ${answers[index]}`)
      .filter((title, index) => typeof answers[index] !== 'number' && !MAY_WAIT.test(title));
    assert.deepEqual(unanswered, [], `${note}: each is served or answered with an error`);
    for (const { name, bound } of report.servers) {
      const server = plan.servers.find(each => each.name === name);
      if (bound === undefined || server?.protocol !== 'HTTP') continue;
      assert.equal(typeof (await statusOf(bound.port, 'c0.test')), 'number', `${note}: ${name}`);
    }
    await healthy();
    const said = new Map(
      statuses(report).map(each => [`${each.kind} ${each.name}`, JSON.stringify(each.status)]),
    );
    for (const { source, message } of report.leftOut ?? []) {
      const title = cases[Number(source.name.slice(1))]?.title;
      assert.match(
        said.get(`${source.kind} ${source.name}`) ?? '',
        /"status":"False"/,
        `${title}: ${message}`,
      );
    }
    assert.deepEqual(
      (report.leftOut ?? [])
        .filter(({ message }) => !LEFT_TO_ENVOY.test(message))
        .map(({ source, message }) => [cases[Number(source.name.slice(1))]?.title, message]),
      [],
      `${note}: Envoy refuses what translation takes`,
    );
    assert.deepEqual(
      events.filter(event => /died|uncaught/.test(event)),
      [],
      note,
    );
  } finally {
    await plane.close();
  }
}

test('whatever a schema takes, the embedded plane serves the others', { timeout: 120_000 }, () =>
  serves('embedded', onEvent =>
    EmbeddedPlane.start({ address: '127.0.0.1', portOffset: 0, workers: 1, onEvent }),
  ),
);

test('whatever a schema takes, Envoy serves the others', { timeout: 180_000 }, () =>
  serves('envoy', async onEvent => {
    const ports = new Ports({ address: '127.0.0.1', portOffset: 0 });
    return EnvoyPlane.start({
      envoyPath: await envoyPath(),
      concurrency: 1,
      findPorts: (servers, current) => ports.find(servers, current),
      onEvent,
      onLog: () => {},
    });
  }),
);
