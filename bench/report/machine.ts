import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Cores } from '../cores.ts';
import { type Tools, toolVersions } from '../tools.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What the figures were measured on and with. */
export function machineText(tools: Tools, cores: Cores): string {
  const hertz = /^cpu MHz\s*:\s*(\d+)/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1];
  const machine = [
    `${cpus().length} cores of ${cpus()[0]?.model ?? 'an unknown CPU'}${hertz === undefined ? '' : ` at ${hertz} MHz`}`,
    `${Math.round(totalmem() / 1e9)} GB`,
    `Linux ${/^\d+\.\d+/.exec(release())?.[0] ?? release()}`,
  ];
  const versions = [breakwaterVersion(), `Node ${process.version.slice(1)}`, ...toolVersions(tools)];
  const pinned =
    cores.gateway === undefined
      ? 'Nothing is pinned to a core'
      : `Pinned: load and model servers to core ${cores.load}, the gateway to core ${cores.gateway}`;
  return `Machine: ${machine.join(', ')}.\n${pinned}.\nVersions: ${versions.join(', ')}.\n`;
}

function breakwaterVersion(): string {
  const { version } = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8')) as { version: string };
  const { stdout } = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT, encoding: 'utf8' });
  const commit = stdout?.trim() ?? '';
  return `Breakwater ${version}${commit === '' ? '' : ` (${commit})`}`;
}
