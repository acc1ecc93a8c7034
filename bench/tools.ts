import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Paths of the programs that are there. */
export interface Tools {
  readonly haproxy: string | undefined;
  readonly nginx: string | undefined;
  readonly wrk: string | undefined;
  readonly taskset: string | undefined;
  /** Never asked for: measured when it is there. */
  readonly envoy: string | undefined;
}

/** Debian's package of each tool. */
const PACKAGES = { haproxy: 'haproxy', nginx: 'nginx-light', wrk: 'wrk', taskset: 'util-linux' } as const;

export function findTools(): Tools {
  return {
    haproxy: onPath('haproxy'),
    nginx: onPath('nginx'),
    wrk: onPath('wrk'),
    taskset: onPath('taskset'),
    envoy: process.env['ENVOY'] ?? onPath('envoy'),
  };
}

/** One line that says what is missing and how to get it; undefined when all is there. */
export function missingTools(tools: Tools): string | undefined {
  const missing = (Object.keys(PACKAGES) as (keyof typeof PACKAGES)[]).filter(
    name => tools[name] === undefined,
  );
  if (missing.length === 0) return undefined;
  const packages = missing.map(name => PACKAGES[name]).join(' ');
  return `not found: ${missing.join(', ')}; what they are for is left out. Debian has them: apt-get update && apt-get install -y ${packages}`;
}

/** The version each tool that is there gives of itself. */
export function toolVersions(tools: Tools): string[] {
  return [
    version('HAProxy', tools.haproxy, ['-v'], /version (\S+)/),
    version('nginx', tools.nginx, ['-v'], /nginx\/(\S+)/),
    version('wrk', tools.wrk, ['-v'], /wrk (\S+)/),
    version('Envoy', tools.envoy, ['--version'], /version: \w+\/([^/]+)/),
  ].filter(line => line !== undefined);
}

function version(
  name: string,
  path: string | undefined,
  args: readonly string[],
  pattern: RegExp,
): string | undefined {
  if (path === undefined) return undefined;
  const { stdout, stderr } = spawnSync(path, args, { encoding: 'utf8' });
  return `${name} ${pattern.exec(`${stdout}${stderr}`)?.[1] ?? 'of unknown version'}`;
}

/** Debian keeps servers in sbin, which is not on every user's path. */
function onPath(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.map(folder => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
