import { readdirSync, readFileSync } from 'node:fs';

/**
 * Microseconds of CPU, user and system, that all threads of a process have used.
 * Documentation/scheduler/sched-stats.rst: the first figure of a schedstat is nanoseconds on a CPU. `/proc/PID/stat` counts in
 * ticks of 10 ms, which is too coarse.
 */
export function cpuUs(pid: number): number {
  let ns = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    ns += Number(readTask(pid, task).split(' ', 1)[0]);
  }
  return ns / 1000;
}

/** A thread may end between the listing and the reading. */
function readTask(pid: number, task: string): string {
  try {
    return readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'latin1');
  } catch {
    return '0';
  }
}
