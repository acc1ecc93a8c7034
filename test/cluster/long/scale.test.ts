import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Workplace } from '../../e2e/cli-process.ts';
import { until } from '../../support/until.ts';
import { Lab, type LabObject } from '../lab/index.ts';
import { ControllerRun } from '../support/controller-run.ts';
import { EnvoyByHand } from '../support/envoy-by-hand.ts';
import { processFigures } from '../support/process-figures.ts';

const ROUTES = 5000;
const GATEWAYS = 200;
const SERVICES = 100;
const EDITS = 10;
/** Requests that are under way at once. */
const WRITERS = 32;
/** What the aims are for is this one; others may be slower by so much. */
const SLOWER = 10;
/** The aim, and the chart's limit. */
const RSS_BYTES = 600e6;
const LIMIT_BYTES = 1024 ** 3;

const GATEWAY_API = 'gateway.networking.k8s.io/v1';

const place = new Workplace();
// What V8 takes for its heap by itself where a container's memory is limited to 1 GiB, as the chart has it: half of that.
place.env['NODE_OPTIONS'] = '--max-old-space-size=512';
let lab: Lab;

before(async () => {
  lab = await Lab.start({ controllers: false, crds: ['gateway-api-experimental'] });
});
after(async () => {
  await place.close();
  await lab?.stop();
});

/** The first Gateway is the one that has an Envoy. */
const gatewayName = (index: number) => (index === 0 ? 'gateway' : `gateway-${index}`);

function* objects(): Generator<LabObject> {
  const namespaced = (apiVersion: string, kind: string, name: string, rest: object): LabObject => ({
    apiVersion,
    kind,
    metadata: { name, namespace: 'default' },
    ...rest,
  });
  for (let index = 1; index < GATEWAYS; index++)
    yield namespaced(GATEWAY_API, 'Gateway', gatewayName(index), {
      spec: { gatewayClassName: 'ours', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
    });
  for (let index = 0; index < SERVICES; index++) {
    const name = `service-${index}`;
    yield namespaced('v1', 'Service', name, { spec: { ports: [{ port: 80, targetPort: 8080 }] } });
    const slice = namespaced('discovery.k8s.io/v1', 'EndpointSlice', name, {
      addressType: 'IPv4',
      ports: [{ name: '', port: 8080 }],
      endpoints: [1, 2, 3].map(at => ({
        addresses: [`10.${at}.0.${index + 1}`],
        conditions: { ready: true },
      })),
    });
    yield { ...slice, metadata: { ...slice.metadata, labels: { 'kubernetes.io/service-name': name } } };
  }
  // One more is on the Gateway that has an Envoy.
  for (let index = 1; index < ROUTES; index++)
    yield namespaced(GATEWAY_API, 'HTTPRoute', `route-${index}`, {
      spec: {
        parentRefs: [{ name: gatewayName(index % GATEWAYS) }],
        hostnames: [`host-${index}.example.com`],
        rules: [
          {
            matches: [{ path: { type: 'PathPrefix', value: `/${index}` } }],
            backendRefs: [{ name: `service-${index % SERVICES}`, port: 80 }],
          },
        ],
      },
    });
}

async function createAll(): Promise<void> {
  const rest = objects();
  const write = async () => {
    for (const object of rest) {
      const path = await lab.objects.pathOf(object);
      await lab.objects.ask('POST', path.slice(0, path.lastIndexOf('/')), object);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

test('5,000 HTTPRoutes on 200 Gateways: the first plan, a changed route among writes of all statuses, and the memory', async t => {
  await createAll();
  const hand = await EnvoyByHand.start(lab, place);
  const controller = new ControllerRun(hand.controller, hand.port);
  const pid = hand.controller.child.pid!;
  const seconds = (name: string) =>
    controller.figure(`breakwater_controller_cycle_seconds_sum{step="${name}"}`);
  const count = (name: string) =>
    controller.figure(`breakwater_controller_cycle_seconds_count{step="${name}"}`);
  await until('there is a plan', async () => (await count('apply')) > 0 || undefined, 120_000);
  const [firstTranslate, firstApply] = [await seconds('translate'), await seconds('apply')];
  const firstCpuMs = processFigures(pid).cpuMs;
  const envoy = await hand.envoy();
  t.after(() => envoy.stop());
  await until('Envoy has the route', async () => (await hand.redirects()) || undefined, 120_000);

  const before = await Promise.all(['translate', 'apply'].map(seconds));
  const translations = await count('translate');
  const servedMs: number[] = [];
  for (let edit = 0; edit < EDITS; edit++) {
    await hand.redirectTo(`v${edit}.example.com`);
    const since = performance.now();
    await until('Envoy redirects to there', async () =>
      (await hand.location())?.includes(`v${edit}.`) ? true : undefined,
    );
    servedMs.push(performance.now() - since);
  }
  const after = await Promise.all(['translate', 'apply'].map(seconds));
  assert.equal((await count('translate')) - translations, EDITS, 'statuses are not translated');
  const [translateMs = 0, applyMs = 0] = after.map((sum, index) => (1000 * (sum - before[index]!)) / EDITS);
  // Statuses of all routes are under way: that is when most is held.
  await until(
    'many statuses are written',
    async () => (await controller.written()) > ROUTES / 4 || undefined,
    120_000,
  );
  const { rssBytes, peakRssBytes } = processFigures(pid);
  const mebibytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
  t.diagnostic(
    [
      `first plan: translated in ${firstTranslate.toFixed(2)} s, told in ${firstApply.toFixed(2)} s, ${(firstCpuMs / 1000).toFixed(1)} s of CPU since the start`,
      `a changed route: translated in ${Math.round(translateMs)} ms, told in ${Math.round(applyMs)} ms`,
      `Envoy serves it ${Math.round(median(servedMs))} ms after the API server has it (median)`,
      `RSS ${mebibytes(rssBytes)}, at most ${mebibytes(peakRssBytes)}`,
    ].join('; '),
  );
  assert.ok(firstTranslate < 2 * SLOWER, `${firstTranslate} s`);
  assert.ok(translateMs + applyMs < 200 * SLOWER, `${translateMs} + ${applyMs} ms`);
  assert.ok(rssBytes < RSS_BYTES, `${rssBytes} bytes`);
  assert.ok(peakRssBytes < LIMIT_BYTES, `${peakRssBytes} bytes`);
});
