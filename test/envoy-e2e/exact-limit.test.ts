import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Workplace } from '../e2e/cli-process.ts';
import { CountingUpstream } from '../e2e/support/counting-upstream.ts';
import { poolManifest } from '../e2e/support/pool-manifest.ts';
import { until } from '../support/until.ts';
import { leavingClient, type Tally } from './support/leaving-client.ts';
import { PickerProcess, standaloneEnvoy } from './support/standalone.ts';

const CLIENTS = 100;
const SECONDS = Number(process.env['BREAKWATER_STRESS_SECONDS'] ?? 20);

const place = new Workplace();
after(() => place.close());

test(`two Envoys of four workers, limit 1, ${CLIENTS} clients that leave at random for ${SECONDS} s: never two at once, zero at rest`, async () => {
  const upstream = new CountingUpstream(() => 1 + Math.random() * 20);
  const address = '127.86.1.1';
  const file = join(place.folder, 'pool.yaml');
  const port = await upstream.listen(address);
  writeFileSync(file, poolManifest([{ address, port }], { maxParallelRequests: 1 }));
  const picker = await PickerProcess.start(place, file);
  const start = () => standaloneEnvoy(place, file, { picker: picker.port, concurrency: 4 });
  const envoys = await Promise.all([start(), start()]);
  try {
    const tally: Tally = { ok: 0, overflow: 0, aborted: 0, other: [] };
    const untilMs = performance.now() + SECONDS * 1000;
    await Promise.all(
      Array.from({ length: CLIENTS }, (_, i) => leavingClient(envoys[i % 2]?.gateway ?? '', untilMs, tally)),
    );
    assert.deepEqual(tally.other, []);
    assert.ok(tally.ok > 100 && tally.overflow > 100 && tally.aborted > 100, JSON.stringify(tally));
    assert.equal(upstream.most, 1);
    await until('no permit is held', async () => (await picker.inUse()) === 0 && upstream.now === 0, 2000);
    for (const { envoy } of envoys) {
      assert.equal(await envoy.stat('cluster.httproute/default/route/rule/0.upstream_rq_active'), 0);
      assert.ok((await envoy.stat('cluster.httproute/default/route/rule/0.upstream_rq_total')) > 0);
    }
  } finally {
    await Promise.all(envoys.map(({ envoy }) => envoy.stop()));
    await upstream.close();
  }
});
