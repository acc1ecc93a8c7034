import { setTimeout as delay } from 'node:timers/promises';
import { cpuUs } from '../cpu.ts';
import { disturbances, failures, interleave } from '../interleave.ts';
import { figure, spreadText } from '../report/figures.ts';
import { spread } from '../report/statistics.ts';
import { MANY_ENDPOINTS } from '../upstream/endpoints.ts';
import { startNginxUpstream } from '../upstream/nginx-upstream.ts';
import { type Claim, toolPath } from './claim.ts';

const WARM_UP_MS = 3_000;
const MEASURE_MS = 10_000;
/** They look after their endpoints by themselves; nginx does not. */
const CHECKING = ['HAProxy', 'Breakwater'];

interface Sample {
  /** Of one core. */
  readonly percent: number;
  readonly cpuUsPerScrape: number;
  readonly scrapesPerSecond: number;
}

/** CPU while there is no request, with the metrics of 100 endpoints scraped. */
export const idleCpu: Claim = {
  name: 'idle-cpu',
  needs: ['nginx'],
  async run(run) {
    const { bench, cores, gateways, rounds, patienceMs, progress } = run;
    const upstream = await startNginxUpstream(bench, toolPath(run, 'nginx'), cores, MANY_ENDPOINTS);
    const all = await interleave<Sample>({
      rounds,
      patienceMs,
      gateways: gateways.filter(gateway => CHECKING.includes(gateway.name)),
      setting: { bench, cores, endpoints: MANY_ENDPOINTS, checksEndpoints: true },
      progress,
      async measure({ pid }) {
        await delay(WARM_UP_MS);
        const before = { cpuUs: cpuUs(pid), requests: await upstream.requestCount(), ms: performance.now() };
        await delay(MEASURE_MS);
        const used = cpuUs(pid) - before.cpuUs;
        const elapsedUs = (performance.now() - before.ms) * 1000;
        const scrapes = (await upstream.requestCount()) - before.requests - 1;
        return {
          percent: (used / elapsedUs) * 100,
          cpuUsPerScrape: used / scrapes,
          scrapesPerSecond: (scrapes / elapsedUs) * 1e6,
        };
      },
    }).finally(() => upstream.process.stop());
    return [
      {
        title: `Idle: ${MANY_ENDPOINTS.length} endpoints, no requests`,
        columns: ['gateway', 'CPU % of one core', 'CPU µs a scrape', 'scrapes/s'],
        rows: all
          .filter(series => series.samples.length > 0)
          .map(({ name, samples }) => [
            name,
            spreadText(spread(samples.map(sample => sample.percent))),
            figure(spread(samples.map(sample => sample.cpuUsPerScrape)).median, 0),
            figure(spread(samples.map(sample => sample.scrapesPerSecond)).median, 0),
          ]),
        notes: [
          'Breakwater reads and parses a 60 KB metrics page of every endpoint five times a second; HAProxy, for scale, asks for the same ' +
            'page as a health check as often, and reads no more than its status.',
          ...disturbances(all),
        ],
        failures: failures(all),
      },
    ];
  },
};
