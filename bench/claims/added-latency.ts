import { disturbances, failures, interleave } from '../interleave.ts';
import { latenciesUs } from '../load/latency.ts';
import { figure, spreadText } from '../report/figures.ts';
import { percentile, spread } from '../report/statistics.ts';
import { ENDPOINTS } from '../upstream/endpoints.ts';
import { startNginxUpstream } from '../upstream/nginx-upstream.ts';
import { type Claim, toolPath } from './claim.ts';

const WARM_UP_MS = 2_000;
const MEASURE_MS = 3_000;

interface Sample {
  readonly p50Us: number;
  readonly p99Us: number;
}

/** What a gateway adds to a request's time when there is no other request. */
export const addedLatency: Claim = {
  name: 'added-latency',
  needs: ['nginx'],
  async run(run) {
    const { bench, cores, gateways, rounds, patienceMs, progress } = run;
    const upstream = await startNginxUpstream(bench, toolPath(run, 'nginx'), cores, ENDPOINTS);
    const [direct, ...all] = await interleave<Sample>({
      rounds,
      patienceMs,
      gateways,
      setting: { bench, cores, endpoints: ENDPOINTS, checksEndpoints: false },
      direct: ENDPOINTS[0]!,
      progress,
      async measure({ address }) {
        await latenciesUs(address, WARM_UP_MS);
        const sorted = (await latenciesUs(address, MEASURE_MS)).sort();
        return { p50Us: percentile(sorted, 0.5), p99Us: percentile(sorted, 0.99) };
      },
    }).finally(() => upstream.process.stop());
    const added = (samples: readonly Sample[], key: keyof Sample) =>
      samples.map((sample, round) => sample[key] - (direct?.samples[round]?.[key] ?? Number.NaN));
    const of = (samples: readonly Sample[], key: keyof Sample) =>
      figure(spread(samples.map(sample => sample[key])).median, 0);
    return [
      {
        title: 'Latency: one connection, one 2 KB chat POST at a time',
        columns: ['gateway', 'p50 µs', 'p99 µs', 'added p50 µs', 'added p99 µs'],
        rows: [direct!, ...all]
          .filter(series => series.samples.length > 0)
          .map(series => [
            series.name,
            of(series.samples, 'p50Us'),
            of(series.samples, 'p99Us'),
            series === direct ? '' : spreadText(spread(added(series.samples, 'p50Us')), 0),
            series === direct ? '' : spreadText(spread(added(series.samples, 'p99Us')), 0),
          ]),
        notes: disturbances(all),
        failures: failures([direct!, ...all]),
      },
    ];
  },
};
