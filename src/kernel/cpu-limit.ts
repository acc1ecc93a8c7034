import { readFileSync } from 'node:fs';
import { posix } from 'node:path';

/** Reads a file; undefined where there is none. */
export type ReadText = (path: string) => string | undefined;

const MOUNT = '/sys/fs/cgroup';
/** Threads where nothing limits a process that may be one of many on a node with a hundred cores. */
const UNLIMITED_THREADS = 4;

/**
 * Threads for work that needs a core each: as many as the container's CPU limit lets run, or {@link UNLIMITED_THREADS}; at most
 * one for each core, at least one. A limit of 2.5 gives 2: the rest is for the main thread, and a thread that is throttled makes
 * each of its requests wait.
 */
export function threadsFor(limit: number | undefined, cores: number): number {
  const most = limit === undefined ? UNLIMITED_THREADS : Math.floor(limit);
  return Math.max(1, Math.min(most, cores));
}

/**
 * How many cores the cgroups that this process is in may use together; undefined where they have no limit. In a container, where
 * the path in `/proc/self/cgroup` may be the node's, the mounted root is the container's own cgroup.
 */
export function cpuLimit(read: ReadText = readText): number | undefined {
  const own = read('/proc/self/cgroup') ?? '';
  const limits = [
    ...folders(MOUNT, pathIn(own, '')).map(folder => ofV2(read(`${folder}/cpu.max`))),
    ...['cpu', 'cpu,cpuacct'].flatMap(name =>
      folders(`${MOUNT}/${name}`, pathIn(own, 'cpu')).map(folder =>
        ofV1(read(`${folder}/cpu.cfs_quota_us`), read(`${folder}/cpu.cfs_period_us`)),
      ),
    ),
  ].filter(limit => limit !== undefined);
  return limits.length === 0 ? undefined : Math.min(...limits);
}

/**
 * cgroups(7), "/proc/pid/cgroup": `ID:CONTROLLERS:PATH`; version 2 names no controller.
 * @param controller '' for version 2
 */
function pathIn(text: string, controller: string): string {
  for (const line of text.split('\n')) {
    const [, controllers, ...path] = line.split(':');
    if (controllers?.split(',').includes(controller) === true) return path.join(':');
  }
  return '/';
}

/** The cgroup's own folder and those above it, whose limits hold for it too. */
function folders(mount: string, path: string): string[] {
  // `..` leads out of a cgroup namespace: what is there is not to be seen.
  const parts = posix
    .normalize(`/${path}`)
    .split('/')
    .filter(part => part !== '');
  return [mount, ...parts.map((_, i) => `${mount}/${parts.slice(0, i + 1).join('/')}`)];
}

/** Control Group v2, "CPU Interface Files": `$MAX $PERIOD` in microseconds, `max` for none. */
function ofV2(text: string | undefined): number | undefined {
  const [max = '', period = '100000'] = (text ?? '').trim().split(/\s+/);
  return ratio(max, period);
}

/** CFS Bandwidth Control: a quota of -1 is none. */
function ofV1(quota: string | undefined, period: string | undefined): number | undefined {
  return ratio((quota ?? '').trim(), (period ?? '').trim());
}

function ratio(quota: string, period: string): number | undefined {
  if (!/^\d+$/.test(quota) || !/^\d+$/.test(period)) return undefined;
  const cores = Number(quota) / Number(period);
  return cores > 0 && Number.isFinite(cores) ? cores : undefined;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
