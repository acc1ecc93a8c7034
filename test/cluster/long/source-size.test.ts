import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { clusterSource } from '../../../src/cluster/source/index.ts';
import { until } from '../../support/until.ts';
import { Lab } from '../lab/index.ts';
import { route } from '../support/routes.ts';

const ROUTES = 5000;
/** Requests that are under way at once. */
const WRITERS = 16;

let lab: Lab;
before(async () => {
  lab = await Lab.start({ crds: ['gateway-api'], controllers: false });
});
after(() => lab.stop());

test('5,000 HTTPRoutes are listed by pages, and a change of one is given at once', async t => {
  let next = 0;
  const write = async () => {
    while (next < ROUTES) await lab.objects.apply([route(`r${next++}`, 'one.example.com')]);
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
  const pagesBefore = await lists();
  const began = performance.now();
  const source = await clusterSource({ server: lab.server });
  const listedMs = performance.now() - began;
  assert.equal(source.current().list('HTTPRoute').length, ROUTES);
  assert.equal((await lists()) - pagesBefore, ROUTES / 500, 'pages');

  const times: number[] = [];
  for (let edit = 0; edit < 10; edit++) {
    const hostname = `v${edit}.example.com`;
    const changed = performance.now();
    await lab.objects.apply([route('r2500', hostname)]);
    await until('the change is given', () =>
      source.current().get('HTTPRoute', 'default', 'r2500')?.spec?.hostnames?.[0] === hostname
        ? true
        : undefined,
    );
    times.push(performance.now() - changed);
  }
  await source.close();
  times.sort((a, b) => a - b);
  t.diagnostic(
    `listed in ${Math.round(listedMs)} ms, RSS ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB; ` +
      `a change is given after ${Math.round(times[5]!)} ms (median, its write and polling included)`,
  );
  assert.ok(listedMs < 10_000, `${listedMs} ms`);
  assert.ok(process.memoryUsage.rss() < 600 * 2 ** 20, `${process.memoryUsage.rss()} bytes`);
});

/** Requests for lists of HTTPRoutes that the API server has answered. */
async function lists(): Promise<number> {
  const text = (await lab.objects.ask('GET', '/metrics')) as string;
  const lines = text.matchAll(/^apiserver_request_total\{([^}]*)\} (\S+)$/gm);
  return [...lines]
    .filter(([, labels = '']) => labels.includes('resource="httproutes"') && labels.includes('verb="LIST"'))
    .reduce((sum, [, , count]) => sum + Number(count), 0);
}
