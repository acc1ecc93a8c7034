import { readFileSync } from 'node:fs';
import type { Workplace } from '../../e2e/cli-process.ts';
import { type Running, running } from '../../faults/support/running.ts';
import { envoyPath } from '../../support/envoy.ts';
import { until } from '../../support/until.ts';

/** `up` with `--plane envoy` over manifests; nothing is simulated unless `more` says so. */
export async function upEnvoy(
  place: Workplace,
  file: string,
  more: readonly string[] = [],
): Promise<Running> {
  return await running(place, ['-f', file, ...(await envoyFlags()), ...more]);
}

export async function envoyFlags(): Promise<string[]> {
  return ['--plane', 'envoy', '--envoy-path', await envoyPath(), '--concurrency', '2'];
}

/** The Envoy that a process has started, however deep; another one than `not`. */
export function envoyOf(pid: number | undefined, not = 0): Promise<number> {
  return until('an Envoy process', () =>
    descendants(pid ?? 0).find(child => child !== not && isEnvoy(child)),
  );
}

export function isRunning(pid: number): boolean {
  const state = statOf(pid);
  return state !== undefined && state !== 'Z';
}

function descendants(pid: number): number[] {
  let text = '';
  try {
    text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  } catch {
    // It has ended.
  }
  const children = text.split(' ').filter(Boolean).map(Number);
  return children.flatMap(child => [child, ...descendants(child)]);
}

function isEnvoy(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('envoy');
  } catch {
    return false;
  }
}

function statOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '')[0];
  } catch {
    return undefined;
  }
}
