import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Workplace } from '../e2e/cli-process.ts';
import { poolManifest } from '../e2e/support/pool-manifest.ts';
import { until } from '../support/until.ts';
import { ask } from './support/ask.ts';
import { SecondLongStreams } from './support/second-long-streams.ts';
import { PickerProcess, standaloneEnvoy } from './support/standalone.ts';
import { type Outcome, SteadyLoad } from './support/steady-load.ts';

const PER_SECOND = 200;
/** Less than the load has in flight: some of it is refused all the time. */
const LIMIT = 170;
const RECOVERED_MS = 2000;
/** The picker starts within this where the machine does nothing else; a busy one has as many times longer to recover. */
const USUAL_START_MS = 500;

const place = new Workplace();
after(() => place.close());

const kindOf = ({ answer: { status, body } }: Outcome): string => {
  if (status === 200) return body?.endsWith('data: [DONE]\n\n') ? 'whole' : 'cut off';
  return body?.endsWith('reset reason: overflow') ? 'overflow' : `${status} ${body}`;
};
const kinds = (outcomes: readonly Outcome[]) => new Set(outcomes.map(kindOf));
const UNHEALTHY = '503 no healthy upstream';

for (const failureMode of ['FailOpen', 'FailClose']) {
  test(`${failureMode}: kill -9 of the picker under ${PER_SECOND} streams a second cuts nothing off, and it is back within 2 s`, async t => {
    const address = failureMode === 'FailOpen' ? '127.86.2.1' : '127.86.2.2';
    const models = new SecondLongStreams();
    const port = await models.listen(address);
    const file = join(place.folder, `${failureMode}.yaml`);
    const manifest = poolManifest([{ address, port }], { maxParallelRequests: LIMIT });
    writeFileSync(
      file,
      manifest.replace('"endpointPickerRef":{', `"endpointPickerRef":{"failureMode":"${failureMode}",`),
    );
    const picker = await PickerProcess.start(place, file);
    const { envoy, gateway } = await standaloneEnvoy(place, file, { picker: picker.port, concurrency: 2 });
    const load = new SteadyLoad(gateway, PER_SECOND);
    try {
      await until('both kinds of answers', () => kinds(load.outcomes).size === 2);
      assert.deepEqual([...kinds(load.outcomes)].sort(), ['overflow', 'whole']);

      const inFlight = load.inFlight;
      await picker.kill();
      const deadAtMs = performance.now();
      assert.ok(inFlight > PER_SECOND / 2, `${inFlight} in flight`);
      const served = failureMode === 'FailOpen' ? 'whole' : UNHEALTHY;
      await until('a second without the picker', () =>
        load.since(deadAtMs + 1000).some(outcome => kindOf(outcome) === served),
      );
      const without = kinds(load.since(deadAtMs));
      if (failureMode === 'FailClose') {
        assert.deepEqual(without, new Set([UNHEALTHY]));
        const slowest = Math.max(...load.since(deadAtMs).map(one => one.endedAtMs - one.startedAtMs));
        assert.ok(slowest < 500, `503 after ${slowest} ms`);
        const placed = await ask(gateway, {
          headers: { 'x-gateway-destination-endpoint': `${address}:${port}` },
        });
        assert.equal(placed.status, 503);
      } else {
        // Envoy's own threshold refuses what is too much.
        without.delete('overflow');
        assert.deepEqual(without, new Set(['whole']));
      }

      const restartedAtMs = performance.now();
      await picker.start();
      const slower = Math.max(1, (performance.now() - restartedAtMs) / USUAL_START_MS);
      await until('the picker picks', async () => {
        if ((await picker.inUse()) === 0) return undefined;
        const latest = load.since(performance.now() - 300).map(kindOf);
        return failureMode === 'FailOpen' || !latest.includes(UNHEALTHY) ? true : undefined;
      });
      const backMs = performance.now() - restartedAtMs;
      await until('answers of the new picker', () =>
        load.since(restartedAtMs + backMs).some(outcome => kindOf(outcome) === 'whole'),
      );
      await load.stop();

      const all = kinds(load.outcomes);
      assert.ok(!all.has('cut off'));
      all.delete(UNHEALTHY);
      assert.deepEqual([...all].sort(), ['overflow', 'whole']);
      if (failureMode === 'FailOpen') assert.ok(![...kinds(load.outcomes)].includes(UNHEALTHY));
      const back = `back after ${Math.round(backMs)} ms, on a machine ${slower.toFixed(1)} times slower than usual`;
      t.diagnostic(back);
      assert.ok(backMs < RECOVERED_MS * slower, back);
      assert.ok(models.most <= LIMIT, `${models.most} at once`);
      await until('no permit is held', async () => (await picker.inUse()) === 0, 2000);
    } finally {
      await load.stop();
      await envoy.stop();
      await models.close();
    }
  });
}
