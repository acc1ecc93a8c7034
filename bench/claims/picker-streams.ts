import { setTimeout as delay } from 'node:timers/promises';
import { cpuUs } from '../cpu.ts';
import { envoyWithPicker } from '../gateways/envoy-with-picker.ts';
import { GATEWAY_ADDRESS } from '../gateways/gateway.ts';
import { Streams } from '../load/streams.ts';
import { startPicker } from '../picker-process.ts';
import { figure, spreadText } from '../report/figures.ts';
import { spread } from '../report/statistics.ts';
import { ENDPOINTS } from '../upstream/endpoints.ts';
import { startStreamUpstream } from '../upstream/stream-upstream.ts';
import { type Claim, type Run, toolPath } from './claim.ts';

const STREAMS = 256;
const INTERVAL_MS = 10;
const WARM_UP_MS = 3_000;
const MEASURE_MS = 5_000;

interface Sample {
  /** Milliseconds of CPU a second. */
  readonly idle: number;
  readonly streaming: number;
  readonly perSecond: number;
}

/** What open streams cost the picker: it is not in the way of their events. */
export const pickerStreams: Claim = {
  name: 'picker-streams',
  needs: ['envoy'],
  async run(run) {
    const upstream = await startStreamUpstream(run.bench, run.cores, ENDPOINTS, INTERVAL_MS);
    const samples: Sample[] = [];
    try {
      for (let round = 1; round <= run.rounds; round++) {
        run.progress(`round ${round} of ${run.rounds}`);
        samples.push(await measure(run));
      }
    } finally {
      await upstream.stop();
    }
    const of = (key: keyof Sample) => spread(samples.map(sample => sample[key]));
    return [
      {
        title: `Streams behind the picker: ${STREAMS} streams, a 210-byte event every ${INTERVAL_MS} ms on each`,
        columns: ['picker', 'events/s', 'CPU ms a second'],
        rows: [
          ['idle: it scrapes', '', spreadText(of('idle'))],
          [`${STREAMS} streams open`, figure(of('perSecond').median, 0), spreadText(of('streaming'))],
        ],
        notes: ['Events a second are bounded by the core that load and model servers share.'],
        failures: [],
      },
    ];
  },
};

async function measure(run: Run): Promise<Sample> {
  const { bench, cores } = run;
  const picker = await startPicker(run, ['--clear-route-cache']);
  const setting = { bench, cores, endpoints: ENDPOINTS, checksEndpoints: false };
  const gateway = await envoyWithPicker(toolPath(run, 'envoy'), { accessLog: false }).start(setting);
  const used = async () => {
    const [before, from] = [cpuUs(picker.pid), performance.now()];
    await delay(MEASURE_MS);
    return (cpuUs(picker.pid) - before) / (performance.now() - from);
  };
  try {
    await delay(WARM_UP_MS);
    const idle = await used();
    const streams = await Streams.open(GATEWAY_ADDRESS, STREAMS);
    try {
      await delay(WARM_UP_MS);
      const { events } = streams;
      const streaming = await used();
      streams.check();
      return { idle, streaming, perSecond: (streams.events - events) / (MEASURE_MS / 1000) };
    } finally {
      streams.close();
    }
  } finally {
    await gateway.stop();
    await picker.stop();
  }
}
