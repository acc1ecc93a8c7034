import { cpuUs } from '../cpu.ts';
import { disturbances, failures, interleave, ratioToBaseline, type Series } from '../interleave.ts';
import { Wrk } from '../load/wrk.ts';
import { figure, ratioText, spreadText } from '../report/figures.ts';
import { comparedWithPickers } from '../report/pickers.ts';
import { spread } from '../report/statistics.ts';
import { ENDPOINTS } from '../upstream/endpoints.ts';
import { startNginxUpstream } from '../upstream/nginx-upstream.ts';
import { type Claim, toolPath, verdict } from './claim.ts';

const CONNECTIONS = 32;
/** Until V8 has compiled what runs for every request: a request costs 2.3 times as much CPU in the first three seconds, 1.3 times in the next. */
const WARM_UP_SECONDS = 10;
const MEASURE_SECONDS = 5;
const GOAL = 2.5;

interface Sample {
  readonly cpuUs: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** CPU of a 2 KB chat POST; in Breakwater with JSON parsed and an endpoint picked, in the peers with bytes passed. */
export const chatCpu: Claim = {
  name: 'chat-cpu',
  needs: ['nginx', 'wrk'],
  async run(run) {
    const { bench, cores, gateways, rounds, patienceMs, progress } = run;
    const upstream = await startNginxUpstream(bench, toolPath(run, 'nginx'), cores, ENDPOINTS);
    const wrk = new Wrk(bench, toolPath(run, 'wrk'), cores);
    const all = await interleave<Sample>({
      rounds,
      patienceMs,
      gateways,
      setting: { bench, cores, endpoints: ENDPOINTS, checksEndpoints: false },
      direct: ENDPOINTS[0]!,
      progress,
      async measure({ address, pid }) {
        await wrk.run(address, CONNECTIONS, WARM_UP_SECONDS);
        const before = pid === 0 ? Number.NaN : cpuUs(pid);
        const { requests, durationUs, p50Us, p99Us } = await wrk.run(address, CONNECTIONS, MEASURE_SECONDS);
        const used = (pid === 0 ? Number.NaN : cpuUs(pid)) - before;
        return {
          cpuUs: used / requests,
          perSecond: (requests / durationUs) * 1e6,
          p50Ms: p50Us / 1000,
          p99Ms: p99Us / 1000,
        };
      },
    }).finally(() => upstream.process.stop());
    const breakwater = all.find(series => series.name === 'Breakwater');
    const ratio =
      breakwater === undefined ? Number.NaN : ratioToBaseline(all, breakwater, sample => sample.cpuUs);
    const cpu = spread(breakwater?.samples.map(sample => sample.cpuUs) ?? []).median;
    return [
      {
        title: `Chat POST: 2 KB body, 380-byte answer, ${CONNECTIONS} connections, 4 endpoints`,
        columns: ['gateway', 'CPU µs a request', '× HAProxy', 'requests/s', 'p50 ms', 'p99 ms'],
        rows: all.filter(series => series.samples.length > 0).map(series => row(all, series)),
        notes: [
          'Breakwater parses the JSON and picks an endpoint by its metrics, which it scrapes meanwhile; the peers pass bytes.',
          ...verdict('Breakwater', ratio, GOAL),
          ...disturbances(all),
        ],
        failures: failures(all),
      },
      ...(Number.isNaN(ratio) ? [] : [comparedWithPickers(cpu, ratio)]),
    ];
  },
};

function row(all: readonly Series<Sample>[], series: Series<Sample>): string[] {
  const of = (key: keyof Sample) => spread(series.samples.map(sample => sample[key]));
  const cpu = of('cpuUs');
  return [
    series.name,
    Number.isNaN(cpu.median) ? '' : spreadText(cpu),
    ratioText(ratioToBaseline(all, series, sample => sample.cpuUs)),
    figure(of('perSecond').median, 0),
    figure(of('p50Ms').median, 2),
    figure(of('p99Ms').median, 2),
  ];
}
