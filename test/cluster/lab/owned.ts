import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'breakwater-lab-';

/** Part of the name of what this process makes outside of itself, so that it can be told whose it is: 'breakwater-lab-PID-START-'. */
export const owner = `${PREFIX}${process.pid}-${startOf(process.pid)}-`;

/** Removes folders of processes that were killed. */
export async function removeOrphanedFolders(): Promise<void> {
  for (const name of readdirSync(tmpdir()))
    if (isOrphaned(name)) await rm(join(tmpdir(), name), { recursive: true, force: true });
}

/** Whether a name is that of a process that is gone. */
export function isOrphaned(name: string): boolean {
  const [, pid, start] = new RegExp(`^${PREFIX}(\\d+)-(\\d+)-`).exec(name) ?? [];
  return pid !== undefined && startOf(Number(pid)) !== start;
}

/** proc_pid_stat(5), field 22: a pid alone may be another process by now. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
