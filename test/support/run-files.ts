import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OverdueChildren } from './overdue-children.ts';
import { type Results, readResults } from './results.ts';

const LOOK_MS = 15_000;
/** A file that spins cannot end itself when its time is over. */
const KILLED_LATER_MS = 60_000;

export interface RunOptions {
  readonly cwd: string;
  /** For one test. A file has twice that. */
  readonly timeoutMs: number;
  /** Files at once. Default: node:test's. */
  readonly concurrency?: number;
}

/** Runs files of tests in a process of node:test's, whose output is ours. @returns its exit code, and what it came to */
export async function runFiles(
  files: readonly string[],
  { cwd, timeoutMs, concurrency }: RunOptions,
): Promise<{ readonly code: number; readonly results: Results }> {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-tests-'));
  const written = join(folder, 'results');
  const fileDeadlineMs = 2 * timeoutMs;
  try {
    const child = spawn(
      process.execPath,
      [
        ...['--import', join(import.meta.dirname, 'file-deadline.ts')],
        ...['--test', `--test-timeout=${timeoutMs}`],
        ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
        ...[`--test-reporter=${join(import.meta.dirname, 'results-reporter.ts')}`],
        `--test-reporter-destination=${written}`,
        ...(concurrency === undefined ? [] : [`--test-concurrency=${concurrency}`]),
        ...files,
      ],
      { cwd, stdio: 'inherit', env: { ...process.env, TEST_FILE_DEADLINE_MS: String(fileDeadlineMs) } },
    );
    const killedAfterMs = fileDeadlineMs + KILLED_LATER_MS;
    const overdue = new OverdueChildren(child.pid ?? 0, killedAfterMs);
    const looking = setInterval(() => {
      for (const command of overdue.look(performance.now()))
        console.error(`killed after ${killedAfterMs / 1000} s: ${command}`);
    }, LOOK_MS);
    const code = await new Promise<number>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (code, signal) => resolve(signal === null ? (code ?? 1) : 1));
    });
    clearInterval(looking);
    return { code, results: readResults(readFileSync(written, 'utf8')) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
