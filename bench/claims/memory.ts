import { disturbances, failures, interleave } from '../interleave.ts';
import { Streams } from '../load/streams.ts';
import { Wrk } from '../load/wrk.ts';
import { highestRssBytes } from '../memory.ts';
import { figure, spreadText } from '../report/figures.ts';
import { spread } from '../report/statistics.ts';
import { ENDPOINTS } from '../upstream/endpoints.ts';
import { startStreamUpstream } from '../upstream/stream-upstream.ts';
import { type Claim, toolPath } from './claim.ts';

const STREAMS = 1_000;
const INTERVAL_MS = 100;
const WARM_UP_CONNECTIONS = 32;
const WARM_UP_SECONDS = 2;
const IDLE_MS = 1_000;
const STREAM_MS = 5_000;

interface Sample {
  readonly startMb: number;
  readonly idleMb: number;
  readonly streamsMb: number;
}

/** Resident memory: at rest, and with a thousand streams open. */
export const memory: Claim = {
  name: 'memory',
  needs: ['wrk'],
  async run(run) {
    const { bench, cores, gateways, rounds, patienceMs, progress } = run;
    const upstream = await startStreamUpstream(bench, cores, ENDPOINTS, INTERVAL_MS);
    const wrk = new Wrk(bench, toolPath(run, 'wrk'), cores);
    const all = await interleave<Sample>({
      rounds,
      patienceMs,
      gateways,
      setting: { bench, cores, endpoints: ENDPOINTS, checksEndpoints: false },
      progress,
      async measure({ address, pid }) {
        const startMb = await highestRssMb(pid, IDLE_MS);
        await wrk.run(address, WARM_UP_CONNECTIONS, WARM_UP_SECONDS);
        const idleMb = await highestRssMb(pid, IDLE_MS);
        const streams = await Streams.open(address, STREAMS);
        try {
          const streamsMb = await highestRssMb(pid, STREAM_MS);
          streams.check();
          return { startMb, idleMb, streamsMb };
        } finally {
          streams.close();
        }
      },
    }).finally(() => upstream.stop());
    return [
      {
        title: `Memory: resident, at rest and with ${figure(STREAMS, 0)} streams open`,
        columns: ['gateway', 'MB at start', 'MB idle after load', 'MB with streams', 'KB a stream'],
        rows: all
          .filter(series => series.samples.length > 0)
          .map(({ name, samples }) => [
            name,
            spreadText(spread(samples.map(sample => sample.startMb)), 0),
            spreadText(spread(samples.map(sample => sample.idleMb)), 0),
            spreadText(spread(samples.map(sample => sample.streamsMb)), 0),
            figure(
              spread(samples.map(({ idleMb, streamsMb }) => ((streamsMb - idleMb) * 1000) / STREAMS)).median,
              0,
            ),
          ]),
        notes: disturbances(all),
        failures: failures(all),
      },
    ];
  },
};

async function highestRssMb(pid: number, durationMs: number): Promise<number> {
  return (await highestRssBytes(pid, durationMs)) / 1e6;
}
