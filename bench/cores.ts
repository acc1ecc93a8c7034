import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Where things run: load and upstream share one core, the gateway has the other to itself. */
export interface Cores {
  readonly load: number | undefined;
  readonly gateway: number | undefined;
}

/** Pins the bench, and with it all it starts, to the first core it may use. Without taskset or a second core nothing is pinned. */
export function takeCores(hasTaskset: boolean): Cores {
  const [load, gateway] = allowedCores();
  if (!hasTaskset || load === undefined || gateway === undefined)
    return { load: undefined, gateway: undefined };
  const { status } = spawnSync('taskset', ['-acp', String(load), String(process.pid)]);
  return status === 0 ? { load, gateway } : { load: undefined, gateway: undefined };
}

/** proc(5): `Cpus_allowed_list:	0-1,4`. */
function allowedCores(): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
  return list.split(',').flatMap(part => {
    const [first, last = first] = part.split('-').map(Number);
    return first === undefined || Number.isNaN(first)
      ? []
      : Array.from({ length: last! - first + 1 }, (_, index) => first + index);
  });
}
