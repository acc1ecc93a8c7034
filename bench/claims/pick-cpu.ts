import { setTimeout as delay } from 'node:timers/promises';
import { cpuUs } from '../cpu.ts';
import { PickLoad } from '../load/picks.ts';
import { PICKER, startPicker } from '../picker-process.ts';
import { figure, spreadText } from '../report/figures.ts';
import { spread } from '../report/statistics.ts';
import { ENDPOINTS } from '../upstream/endpoints.ts';
import { startStreamUpstream } from '../upstream/stream-upstream.ts';
import type { Claim, Run } from './claim.ts';

const CONNECTIONS = 4;
const STREAMS = 16;
const WARM_UP_MS = 3_000;
const MEASURE_MS = 5_000;
const GOAL_US = 70;

interface Sample {
  readonly cpuUs: number;
  readonly perSecond: number;
}

/** CPU of a pick over ext_proc: JSON parsed, an endpoint picked by its metrics, a permit taken and given back. */
export const pickCpu: Claim = {
  name: 'pick-cpu',
  needs: [],
  async run(run) {
    const { bench, cores, rounds, progress } = run;
    const upstream = await startStreamUpstream(bench, cores, ENDPOINTS, 1000);
    const modes = ['FULL_DUPLEX_STREAMED', 'BUFFERED'] as const;
    const samples = new Map(modes.map((mode): [string, Sample[]] => [mode, []]));
    try {
      for (let round = 1; round <= rounds; round++)
        for (const mode of modes) {
          progress(`round ${round} of ${rounds}: ${mode}`);
          samples.get(mode)?.push(await measure(run, mode));
        }
    } finally {
      await upstream.stop();
    }
    const of = (mode: string, key: keyof Sample) =>
      spread(samples.get(mode)?.map(sample => sample[key]) ?? []);
    const worst = Math.max(...modes.map(mode => of(mode, 'cpuUs').median));
    return [
      {
        title: `Picks over ext_proc: 2 KB body, ${CONNECTIONS} connections × ${STREAMS} streams, ${ENDPOINTS.length} endpoints`,
        columns: ['request body mode', 'CPU µs a pick', 'picks/s'],
        rows: modes.map(mode => [
          mode,
          spreadText(of(mode, 'cpuUs')),
          figure(of(mode, 'perSecond').median, 0),
        ]),
        notes: [
          'The load is on a core of its own, and what it can open bounds the picks a second.',
          `The goal of at most ${GOAL_US} µs a pick is ${worst <= GOAL_US ? 'met' : 'missed'}.`,
        ],
        failures: [],
      },
    ];
  },
};

async function measure(run: Run, mode: 'FULL_DUPLEX_STREAMED' | 'BUFFERED'): Promise<Sample> {
  const picker = await startPicker(run);
  const load = await PickLoad.open(PICKER, { connections: CONNECTIONS, streams: STREAMS, mode });
  try {
    await delay(WARM_UP_MS);
    const before = { cpuUs: cpuUs(picker.pid), done: load.done, ms: performance.now() };
    await delay(MEASURE_MS);
    const done = load.done - before.done;
    const used = cpuUs(picker.pid) - before.cpuUs;
    const seconds = (performance.now() - before.ms) / 1000;
    load.check();
    return { cpuUs: used / done, perSecond: done / seconds };
  } finally {
    load.close();
    await picker.stop();
  }
}
