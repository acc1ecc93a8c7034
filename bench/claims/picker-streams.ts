import { setTimeout as delay } from 'node:timers/promises';
import { cpuUs } from '../cpu.ts';
import { envoyWithPicker } from '../gateways/envoy-with-picker.ts';
import { GATEWAY_ADDRESS } from '../gateways/gateway.ts';
import { Streams } from '../load/streams.ts';
import { startPicker } from '../picker-process.ts';
import { figure, spreadText } from '../report/figures.ts';
import { slope, spread } from '../report/statistics.ts';
import { ENDPOINTS } from '../upstream/endpoints.ts';
import { startStreamUpstream } from '../upstream/stream-upstream.ts';
import { type Claim, type Run, toolPath } from './claim.ts';

const STREAMS = 256;
/** Between two events of a stream, from next to none to more than two cores can pass on. */
const INTERVALS_MS = [1000, 40, 20, 10, 5, 3];
const WARM_UP_MS = 2_000;
const MEASURE_MS = 5_000;
/** Of the claim. */
const EVENTS_PER_SECOND = 100_000;

interface Sample {
  /** Events. */
  readonly perSecond: number;
  /** Milliseconds of CPU a second. */
  readonly cpu: number;
}

/** What the events of open streams cost the picker: it is not in their way. */
export const pickerStreams: Claim = {
  name: 'picker-streams',
  needs: ['envoy'],
  async run(run) {
    const samples = new Map(INTERVALS_MS.map((ms): [number, Sample[]] => [ms, []]));
    const rounds: Sample[][] = [];
    const failures: string[] = [];
    for (let round = 1; round <= run.rounds; round++) {
      const points: Sample[] = [];
      for (const intervalMs of INTERVALS_MS) {
        run.progress(`round ${round} of ${run.rounds}: an event every ${intervalMs} ms`);
        try {
          const sample = await measure(run, intervalMs);
          points.push(sample);
          samples.get(intervalMs)?.push(sample);
        } catch (error) {
          // More than this machine can pass on: a stream was not read in time.
          failures.push(`An event every ${intervalMs} ms, round ${round}: ${(error as Error).message}.`);
        }
      }
      rounds.push(points);
    }
    // Milliseconds a second by events a second, in microseconds an event.
    const slopes = spread(
      rounds.map(points => 1000 * slope(points.map(({ perSecond, cpu }) => [perSecond, cpu]))),
    );
    return [
      {
        title: `Streams behind the picker: ${STREAMS} streams that are open, more or fewer 210-byte events on each`,
        columns: ['an event every', 'events/s', 'picker CPU ms a second'],
        rows: [...samples]
          .filter(([, of]) => of.length > 0)
          .map(([ms, of]) => [
            `${figure(ms, 0)} ms`,
            figure(spread(of.map(one => one.perSecond)).median, 0),
            spreadText(spread(of.map(one => one.cpu))),
          ]),
        notes: [
          `By least squares an event costs the picker ${spreadText(slopes, 3)} µs: ${figure((slopes.median * EVENTS_PER_SECOND) / 1000)} ms of CPU a second at ${figure(EVENTS_PER_SECOND, 0)} events a second.`,
          'Events a second are bounded by the two cores that Envoy, the load and the model servers have. The picker scrapes its endpoints all the time, which is what it uses.',
        ],
        failures,
      },
    ];
  },
};

async function measure(run: Run, intervalMs: number): Promise<Sample> {
  const { bench, cores } = run;
  const upstream = await startStreamUpstream(bench, cores, ENDPOINTS, intervalMs);
  const picker = await startPicker(run, ['--clear-route-cache']);
  const setting = { bench, cores, endpoints: ENDPOINTS, checksEndpoints: false };
  const gateway = await envoyWithPicker(toolPath(run, 'envoy'), 'none').start(setting);
  try {
    const streams = await Streams.open(GATEWAY_ADDRESS, STREAMS);
    try {
      await delay(WARM_UP_MS);
      const before = { cpuUs: cpuUs(picker.pid), events: streams.events, ms: performance.now() };
      await delay(MEASURE_MS);
      const seconds = (performance.now() - before.ms) / 1000;
      const cpu = (cpuUs(picker.pid) - before.cpuUs) / 1000 / seconds;
      streams.check();
      return { perSecond: (streams.events - before.events) / seconds, cpu };
    } finally {
      streams.close();
    }
  } finally {
    await gateway.stop();
    await picker.stop();
    await upstream.stop();
  }
}
