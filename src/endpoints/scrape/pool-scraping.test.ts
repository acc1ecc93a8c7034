import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { until } from '../../../test/support/until.ts';
import type { Plan, PoolEndpoint } from '../../plan/index.ts';
import { endpointKey } from '../endpoint-id.ts';
import { EndpointTable } from '../endpoint-table.ts';
import { HealthTable } from '../health-table.ts';
import { PoolScraping } from './pool-scraping.ts';

const FIGURES = 'vllm:num_requests_running 1\n';

async function listening(context: TestContext, handle: RequestListener, port = 0) {
  const server = createServer(handle);
  await once(server.listen(port, '127.0.0.1'), 'listening');
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  context.after(stop);
  return { port: (server.address() as AddressInfo).port, stop };
}

/** Scrapes endpoints of one pool, in rows 0, 1, …, and keeps what is told. */
function scraping(context: TestContext, ...endpoints: Partial<PoolEndpoint>[]) {
  const told: string[] = [];
  const table = EndpointTable.create(1, endpoints.length);
  const health = HealthTable.create(endpoints.length);
  const scraper = new PoolScraping(table, health, (message, severity) =>
    told.push(`${severity}: ${message}`),
  );
  context.after(() => scraper.close());
  const full = endpoints.map((endpoint, i) => ({
    id: `e${i}`,
    address: '127.0.0.1',
    port: 1,
    pod: `default/pod-${i}`,
    labels: {},
    metricsPath: '/metrics',
    ...endpoint,
  }));
  const plan = { pools: [{ name: 'p', endpoints: full }] } as unknown as Plan;
  scraper.apply(plan, new Map(full.map(({ id }, slot) => [endpointKey('p', id), slot])));
  return { scraper, told, table, health };
}

test('a page that gives no figures is told once, with the Pod and what was got, and so is its end', async context => {
  let answers = 0;
  let well = false;
  const { port } = await listening(context, (_, response) => {
    answers++;
    response.writeHead(well ? 200 : 401).end(well ? FIGURES : 'who are you?');
  });
  const { scraper, told } = scraping(context, { port });
  await until('three answers', () => answers >= 3);
  const lost = `warning: e0 (Pod default/pod-0): metrics cannot be scraped: http://127.0.0.1:${port}/metrics: got status 401`;
  assert.deepEqual(told, [lost]);
  assert.deepEqual([...scraper.problems], [[0, 'got status 401']]);
  well = true;
  await until('it is told again', () => told.length > 1);
  assert.deepEqual(told, [lost, 'info: e0 (Pod default/pod-0): metrics are back']);
  assert.equal(scraper.problems.size, 0);
});

test('a refused scrape takes an endpoint out until it answers again; one at another port says nothing of requests', async context => {
  const first = await listening(context, (_, response) => response.end(FIGURES));
  const { health, told } = scraping(context, { port: first.port }, { port: first.port, metricsPort: 1 });
  await until('it is told', () => told.length === 1);
  assert.equal(health.state(1, 0), 'available');
  first.stop();
  await until('it is taken out', () => health.state(0, 0) === 'refused');
  await listening(context, (_, response) => response.writeHead(404).end(), first.port);
  await until('it is back', () => health.state(0, 0) === 'available');
});

test('metrics are scraped at the port that is annotated, and not at all where that is said', async context => {
  const asked: string[] = [];
  const served = await listening(context, (_, response) => {
    asked.push('served');
    response.writeHead(404).end();
  });
  const { port } = await listening(context, ({ url }, response) => {
    asked.push(url ?? '');
    response.end(FIGURES);
  });
  const { table } = scraping(
    context,
    { port: served.port, metricsPort: port, metricsPath: 'm' },
    { port: served.port, unscraped: true },
  );
  await until('three scrapes', () => asked.length > 2);
  assert.deepEqual(new Set(asked), new Set(['/m']));
  assert.equal(table.running(0), 1);
  assert.equal(table.ageMs(1, 0), Number.POSITIVE_INFINITY);
});
