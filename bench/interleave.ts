import { Disturbance, disturbanceNote, untilQuiet } from './disturbance.ts';
import type { Gateway, GatewaySetting } from './gateways/gateway.ts';
import { BASELINE, GATEWAY_ADDRESS } from './gateways/gateway.ts';
import { type Address, requireFree } from './processes.ts';
import { pairedRatio } from './report/statistics.ts';

/** What one gateway gave, round by round. */
export interface Series<Sample> {
  readonly name: string;
  readonly samples: Sample[];
  /** What other programs used of the gateway's core in each turn, 0..1. */
  readonly disturbances: number[];
  /** Why it was not measured to the end. */
  failure?: string;
}

export interface Subject {
  readonly name: string;
  readonly address: Address;
  /** 0 for the upstream itself: there is no gateway. */
  readonly pid: number;
}

export interface Interleaved<Sample> {
  readonly rounds: number;
  /** Wait so long for a quiet machine before each turn. */
  readonly patienceMs: number;
  readonly gateways: readonly Gateway[];
  readonly setting: GatewaySetting;
  /** Measure the upstream, with no gateway, in each round too. */
  readonly direct?: Address;
  readonly progress: (line: string) => void;
  readonly measure: (subject: Subject) => Promise<Sample>;
}

/**
 * A, B, C, A, B, C…: every round measures all, so that what else the machine does meets all. Each starts anew for its turn and is
 * alone then. One that fails is left out of the rounds that follow.
 */
export async function interleave<Sample>(options: Interleaved<Sample>): Promise<Series<Sample>[]> {
  const { rounds, gateways, direct, progress } = options;
  const turns: { series: Series<Sample>; take: () => Promise<Sample> }[] = gateways.map(gateway => {
    const series: Series<Sample> = { name: gateway.name, samples: [], disturbances: [] };
    return { series, take: () => turn(gateway, options, series) };
  });
  if (direct !== undefined)
    turns.unshift({
      series: { name: 'no gateway', samples: [], disturbances: [] },
      take: () => options.measure({ name: 'no gateway', address: direct, pid: 0 }),
    });
  for (let round = 1; round <= rounds; round++) {
    for (const { series, take } of turns) {
      if (series.failure !== undefined) continue;
      await untilQuiet(options.patienceMs);
      progress(`round ${round} of ${rounds}: ${series.name}`);
      try {
        series.samples.push(await take());
      } catch (error) {
        series.failure = (error as Error).message;
        progress(`${series.name} failed: ${series.failure}`);
      }
    }
  }
  return turns.map(({ series }) => series);
}

async function turn<Sample>(
  gateway: Gateway,
  options: Interleaved<Sample>,
  series: Series<Sample>,
): Promise<Sample> {
  await requireFree(GATEWAY_ADDRESS);
  const process = await gateway.start(options.setting);
  const { gateway: core } = options.setting.cores;
  const disturbance = core === undefined ? undefined : new Disturbance(core, process.pid);
  try {
    const sample = await options.measure({ name: gateway.name, address: GATEWAY_ADDRESS, pid: process.pid });
    if (process.hasEnded) throw process.failure('ended');
    if (disturbance !== undefined) series.disturbances.push(disturbance.share());
    return sample;
  } finally {
    await process.stop();
  }
}

/** The figure against the baseline's of the same round; NaN for the baseline itself and without one. */
export function ratioToBaseline<Sample>(
  all: readonly Series<Sample>[],
  one: Series<Sample>,
  figure: (sample: Sample) => number,
): number {
  const base = all.find(series => series.name === BASELINE);
  return base === undefined || base === one
    ? Number.NaN
    : pairedRatio(one.samples.map(figure), base.samples.map(figure));
}

/** A sentence for each gateway that was not measured to the end. */
export function failures<Sample>(all: readonly Series<Sample>[]): string[] {
  return all.flatMap(({ name, failure }) =>
    failure === undefined ? [] : [`${name} was not measured to the end: ${failure}`],
  );
}

/** A sentence when other programs used much of the gateway's core. */
export function disturbances<Sample>(all: readonly Series<Sample>[]): string[] {
  return disturbanceNote(all.flatMap(series => series.disturbances));
}
