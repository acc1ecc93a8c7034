import { readdirSync, readFileSync } from 'node:fs';

/** Kills those children of a process that have run for too long: a file whose thread spins cannot end itself. Linux; elsewhere nothing. */
export class OverdueChildren {
  readonly #parent: number;
  readonly #limitMs: number;
  readonly #seenAtMs = new Map<number, number>();

  constructor(parent: number, limitMs: number) {
    this.#parent = parent;
    this.#limitMs = limitMs;
  }

  /** @returns the command lines of those that were killed */
  look(nowMs: number): string[] {
    const killed: string[] = [];
    const children = childrenOf(this.#parent);
    for (const pid of this.#seenAtMs.keys()) if (!children.includes(pid)) this.#seenAtMs.delete(pid);
    for (const pid of children) {
      const sinceMs = this.#seenAtMs.get(pid);
      if (sinceMs === undefined) this.#seenAtMs.set(pid, nowMs);
      else if (nowMs - sinceMs > this.#limitMs) {
        killed.push(readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim());
        process.kill(pid, 'SIGKILL');
      }
    }
    return killed;
  }
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap(task =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}
