import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { until } from '../../../test/support/until.ts';
import type { ActiveHealthCheck, Plan } from '../../plan/index.ts';
import { endpointKey } from '../endpoint-id.ts';
import { HealthTable } from '../health-table.ts';
import { ActiveChecks } from './active-checks.ts';

const POLICY: ActiveHealthCheck = {
  type: 'HTTP',
  intervalMs: 10,
  timeoutMs: 1000,
  unhealthyThreshold: 2,
  healthyThreshold: 1,
};

/** One server that all checks ask, each as a cluster of its own. */
async function checking(context: TestContext, policies: readonly ActiveHealthCheck[]) {
  let status = 200;
  let asked = 0;
  const server = createServer((_, response) => {
    asked++;
    response.writeHead(status).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const told: string[] = [];
  const health = HealthTable.create(policies.length);
  const checks = new ActiveChecks(health, message => told.push(message));
  context.after(() => {
    checks.close();
    server.closeAllConnections();
    server.close();
  });
  const clusters = policies.map((activeHealthCheck, i) => ({
    name: `c${i}`,
    endpoints: [{ address: '127.0.0.1', port, weight: 1 }],
    activeHealthCheck,
  }));
  const plan = { pools: [], clusters } as unknown as Plan;
  checks.apply(plan, new Map(policies.map((_, i) => [endpointKey(`c${i}`, `127.0.0.1:${port}`), i])));
  return { health, told, asked: () => asked, answerWith: (now: number) => (status = now) };
}

test('a check that cannot be made is told once, ends nothing, and takes no endpoint out; the others go on', async context => {
  const http = { method: 'GET', expectedStatuses: [200] };
  const odd: ActiveHealthCheck[] = [
    { ...POLICY, http: { ...http, path: '/health check' } },
    { ...POLICY, http: { ...http, path: '/a\r\nb' } },
    { ...POLICY, http: { ...http, path: '/', method: 'GE T' } },
    { ...POLICY, http: { ...http, path: '/', hostname: 'a\nb' } },
  ];
  const { health, told, asked, answerWith } = await checking(context, [
    ...odd,
    { ...POLICY, http: { ...http, path: '/' } },
  ]);
  await until('all are asked', () => asked() > 5 && told.length >= 4);
  assert.equal(told.length, 4);
  for (const message of told) assert.match(message, /cannot be made/);
  answerWith(500);
  await until('it is taken out', () => health.state(odd.length, 0) === 'probe-failed');
  for (let i = 0; i < 4; i++) assert.equal(health.state(i, 0), 'available');
  answerWith(200);
  await until('it is back', () => health.state(odd.length, 0) === 'available');
});

test('durations of any size are timers that Node can hold, and none spins', async context => {
  const extremes = [0, -1, 1, 2 ** 31, 2 ** 53, Number.POSITIVE_INFINITY];
  const { asked, told } = await checking(
    context,
    extremes.flatMap(ms => [
      { ...POLICY, intervalMs: ms },
      { ...POLICY, intervalMs: 3_600_000, timeoutMs: ms },
    ]),
  );
  await until('it is asked again and again', () => asked() > 8);
  assert.ok(asked() < 500);
  assert.deepEqual(
    told.filter(message => message.includes('cannot be made')),
    [],
  );
});
