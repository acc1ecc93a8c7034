/** As node:test counts: `failed` are those that failed, and not those that were cancelled. */
export interface Counts {
  readonly tests: number;
  readonly suites: number;
  readonly passed: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly skipped: number;
  readonly todo: number;
}

/** What a run of node:test came to. */
export interface Results {
  /** Those that failed as processes, in the order in which they ended. */
  readonly failedFiles: readonly string[];
  /** `file: test` of each. */
  readonly failures: readonly string[];
  /** How long each took, by its path. */
  readonly filesMs: ReadonlyMap<string, number>;
  /** Undefined when the run did not come to its end. */
  readonly counts: Counts | undefined;
  readonly durationMs: number;
}

/** @param text what the reporter in results-reporter.ts has written */
export function readResults(text: string): Results {
  const failedFiles = new Set<string>();
  const failures: string[] = [];
  const filesMs = new Map<string, number>();
  let counts: Counts | undefined;
  let durationMs = 0;
  for (const line of text.split('\n').filter(Boolean)) {
    const { failed, file, success, ...summary } = JSON.parse(line);
    if (failed !== undefined) failures.push(failed);
    else if (file === undefined) ({ counts, durationMs } = summary);
    else {
      if (!success) failedFiles.add(file);
      filesMs.set(file, summary.durationMs);
    }
  }
  return { failedFiles: [...failedFiles], failures, filesMs, counts, durationMs };
}

/** A run, and then another one of the files in which it had failures: each test counts as it ended the last time. */
export function withSecondTry(first: Results, second: Results): Results {
  const { counts } = first;
  if (counts === undefined || second.counts === undefined) return { ...second, counts: undefined };
  const { failed, cancelled } = second.counts;
  return {
    ...second,
    counts: {
      ...counts,
      failed,
      cancelled,
      passed: counts.passed + counts.failed + counts.cancelled - failed - cancelled,
    },
    durationMs: first.durationMs + second.durationMs,
  };
}

/** Two runs of different files, as if they were one. */
export function together(first: Results, second: Results): Results {
  return {
    failedFiles: [...first.failedFiles, ...second.failedFiles],
    failures: [...first.failures, ...second.failures],
    filesMs: new Map([...first.filesMs, ...second.filesMs]),
    counts: first.counts && second.counts && sumOf(first.counts, second.counts),
    durationMs: first.durationMs + second.durationMs,
  };
}

function sumOf(first: Counts, second: Counts): Counts {
  return {
    tests: first.tests + second.tests,
    suites: first.suites + second.suites,
    passed: first.passed + second.passed,
    failed: first.failed + second.failed,
    cancelled: first.cancelled + second.cancelled,
    skipped: first.skipped + second.skipped,
    todo: first.todo + second.todo,
  };
}

/** The closing lines of node:test. */
export function closingLines({ counts, durationMs }: Results): string[] {
  if (counts === undefined) return [];
  const { tests, suites, passed, failed, cancelled, skipped, todo } = counts;
  const lines = {
    tests,
    suites,
    pass: passed,
    fail: failed,
    cancelled,
    skipped,
    todo,
    duration_ms: durationMs,
  };
  return Object.entries(lines).map(([name, value]) => `ℹ ${name} ${value}`);
}

/** The files that took longest, a line each, and how long all took together. */
export function slowestLines({ filesMs }: Results, count: number): string[] {
  const slowest = [...filesMs].sort(([, a], [, b]) => b - a);
  const sumMs = slowest.reduce((sum, [, ms]) => sum + ms, 0);
  return [
    ...slowest.slice(0, count).map(([file, ms]) => `${(ms / 1000).toFixed(1)} s ${file}`),
    `${(sumMs / 1000).toFixed(1)} s for all ${slowest.length} files`,
  ];
}
