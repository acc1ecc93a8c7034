import type { Cores } from '../cores.ts';
import type { Gateway } from '../gateways/gateway.ts';
import type { Workbench } from '../processes.ts';
import type { Section } from '../report/section.ts';
import type { Tools } from '../tools.ts';

/** What the README says of speed or size, as something that can be measured. */
export interface Claim {
  /** For `--only`. */
  readonly name: string;
  /** Tools without which there is nothing to measure. */
  readonly needs: readonly (keyof Tools)[];
  run(run: Run): Promise<Section[]>;
}

export interface Run {
  readonly bench: Workbench;
  readonly tools: Tools;
  readonly cores: Cores;
  readonly gateways: readonly Gateway[];
  readonly rounds: number;
  readonly patienceMs: number;
  readonly progress: (line: string) => void;
}

/** The path of a tool that the claim needs. */
export function toolPath(run: Run, name: keyof Tools): string {
  const path = run.tools[name];
  if (path === undefined) throw new Error(`a claim that needs ${name} was run without it`);
  return path;
}

/** Whether a goal was met, in a sentence. */
export function verdict(what: string, ratio: number, goal: number): string[] {
  if (Number.isNaN(ratio)) return [];
  return [
    `${what}: ${ratio.toFixed(2)} × HAProxy, ` +
      `${ratio <= goal ? 'within' : 'which misses'} the goal of at most ${goal} ×.`,
  ];
}
