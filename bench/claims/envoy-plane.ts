import { cpuUs } from '../cpu.ts';
import { envoy } from '../gateways/envoy.ts';
import { envoyWithPicker } from '../gateways/envoy-with-picker.ts';
import { disturbances, failures, interleave, type Series } from '../interleave.ts';
import { latenciesUs } from '../load/latency.ts';
import { Wrk } from '../load/wrk.ts';
import { startPicker } from '../picker-process.ts';
import { figure, spreadText } from '../report/figures.ts';
import { percentile, spread } from '../report/statistics.ts';
import { ENDPOINTS } from '../upstream/endpoints.ts';
import { startNginxUpstream } from '../upstream/nginx-upstream.ts';
import { type Claim, toolPath } from './claim.ts';

const CONNECTIONS = 32;
const WARM_UP_SECONDS = 2;
const MEASURE_SECONDS = 5;
const LATENCY_MS = 2_000;

interface Sample {
  readonly envoyUs: number;
  readonly pickerUs: number;
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

/** What the picker costs Envoy, and what it uses itself. */
export const envoyPlane: Claim = {
  name: 'envoy-plane',
  needs: ['nginx', 'wrk', 'envoy'],
  async run(run) {
    const { bench, cores, rounds, patienceMs, progress } = run;
    const path = toolPath(run, 'envoy');
    const upstream = await startNginxUpstream(bench, toolPath(run, 'nginx'), cores, ENDPOINTS);
    const wrk = new Wrk(bench, toolPath(run, 'wrk'), cores);
    const picker = await startPicker(run, ['--clear-route-cache']);
    const all = await interleave<Sample>({
      rounds,
      patienceMs,
      gateways: [
        envoy(path),
        envoyWithPicker(path, 'none'),
        envoyWithPicker(path, 'picker'),
        envoyWithPicker(path, 'all'),
      ],
      setting: { bench, cores, endpoints: ENDPOINTS, checksEndpoints: false },
      progress,
      async measure({ address, pid }) {
        await wrk.run(address, CONNECTIONS, WARM_UP_SECONDS);
        const before = { envoy: cpuUs(pid), picker: cpuUs(picker.pid) };
        const { requests, durationUs } = await wrk.run(address, CONNECTIONS, MEASURE_SECONDS);
        const [envoyUs, pickerUs] = [cpuUs(pid) - before.envoy, cpuUs(picker.pid) - before.picker];
        const sorted = (await latenciesUs(address, LATENCY_MS)).sort();
        return {
          envoyUs: envoyUs / requests,
          pickerUs: pickerUs / requests,
          perSecond: (requests / durationUs) * 1e6,
          p50Us: percentile(sorted, 0.5),
          p99Us: percentile(sorted, 0.99),
        };
      },
    }).finally(() => Promise.all([picker.stop(), upstream.process.stop()]));
    const [alone] = all;
    return [
      {
        title: `Envoy with our picker: 2 KB chat POST, ${CONNECTIONS} connections, ${ENDPOINTS.length} endpoints`,
        columns: [
          'gateway',
          'Envoy CPU µs a request',
          'picker CPU µs a request',
          'requests/s',
          'added p50 µs',
          'added p99 µs',
        ],
        rows: all.filter(series => series.samples.length > 0).map(series => row(series, alone)),
        notes: [
          ...told(all),
          ...disturbances(all),
          'Added times are of one request at a time on one connection, to Envoy alone. The picker has what it scrapes in its figure; beside Envoy alone it is idle.',
        ],
        failures: failures(all),
      },
    ];
  },
};

/** What it costs that Envoy tells the picker how requests end. */
function told([, without, withReports]: readonly Series<Sample>[]): string[] {
  if (without === undefined || withReports === undefined || withReports.samples.length === 0) return [];
  const more = (key: 'envoyUs' | 'pickerUs') =>
    spread(withReports.samples.map((sample, i) => sample[key] - (without.samples[i]?.[key] ?? Number.NaN)));
  return [
    `To tell the picker how each request ended costs Envoy ${spreadText(more('envoyUs'))} µs a request, and the picker ${spreadText(more('pickerUs'))} µs.`,
  ];
}

function row(series: Series<Sample>, alone: Series<Sample> | undefined): string[] {
  const of = (key: keyof Sample) => spread(series.samples.map(sample => sample[key]));
  const added = (key: 'p50Us' | 'p99Us') =>
    spread(series.samples.map((sample, i) => sample[key] - (alone?.samples[i]?.[key] ?? Number.NaN)));
  const isAlone = series === alone;
  return [
    series.name,
    spreadText(of('envoyUs')),
    isAlone ? '' : spreadText(of('pickerUs')),
    figure(of('perSecond').median, 0),
    isAlone ? '' : spreadText(added('p50Us'), 0),
    isAlone ? '' : spreadText(added('p99Us'), 0),
  ];
}
