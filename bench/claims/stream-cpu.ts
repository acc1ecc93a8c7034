import { setTimeout as delay } from 'node:timers/promises';
import { cpuUs } from '../cpu.ts';
import { disturbances, failures, interleave, ratioToBaseline } from '../interleave.ts';
import { Streams } from '../load/streams.ts';
import { figure, ratioText, spreadText } from '../report/figures.ts';
import { spread } from '../report/statistics.ts';
import { ENDPOINTS } from '../upstream/endpoints.ts';
import { startStreamUpstream } from '../upstream/stream-upstream.ts';
import { type Claim, verdict } from './claim.ts';

const STREAMS = 256;
const INTERVAL_MS = 10;
const WARM_UP_MS = 2_000;
const MEASURE_MS = 5_000;
const GOAL = 2.5;

interface Sample {
  readonly cpuUs: number;
  readonly perSecond: number;
}

/** CPU of one server-sent event on its way from a model server to a client. */
export const streamCpu: Claim = {
  name: 'stream-cpu',
  needs: [],
  async run({ bench, cores, gateways, rounds, patienceMs, progress }) {
    const upstream = await startStreamUpstream(bench, cores, ENDPOINTS, INTERVAL_MS);
    const all = await interleave<Sample>({
      rounds,
      patienceMs,
      gateways,
      setting: { bench, cores, endpoints: ENDPOINTS, checksEndpoints: false },
      progress,
      async measure({ address, pid }) {
        const streams = await Streams.open(address, STREAMS);
        try {
          await delay(WARM_UP_MS);
          const before = { cpuUs: cpuUs(pid), events: streams.events, ms: performance.now() };
          await delay(MEASURE_MS);
          const events = streams.events - before.events;
          const used = cpuUs(pid) - before.cpuUs;
          const seconds = (performance.now() - before.ms) / 1000;
          streams.check();
          return { cpuUs: used / events, perSecond: events / seconds };
        } finally {
          streams.close();
        }
      },
    }).finally(() => upstream.stop());
    const ratios = new Map(
      all.map(series => [series.name, ratioToBaseline(all, series, sample => sample.cpuUs)]),
    );
    return [
      {
        title: `Streaming: ${STREAMS} streams, a 210-byte event every ${INTERVAL_MS} ms on each`,
        columns: ['gateway', 'CPU µs an event', '× HAProxy', 'events/s'],
        rows: all
          .filter(series => series.samples.length > 0)
          .map(({ name, samples }) => [
            name,
            spreadText(spread(samples.map(sample => sample.cpuUs))),
            ratioText(ratios.get(name) ?? Number.NaN),
            figure(spread(samples.map(sample => sample.perSecond)).median, 0),
          ]),
        notes: [...verdict('Breakwater', ratios.get('Breakwater') ?? Number.NaN, GOAL), ...disturbances(all)],
        failures: failures(all),
      },
    ];
  },
};
