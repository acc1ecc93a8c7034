export type Outcome = 'passed' | 'failed' | 'skipped';

export interface TestResult {
  readonly name: string;
  readonly outcome: Outcome;
  readonly seconds: number;
  /** What the test itself said, when it failed or was skipped. */
  readonly output: readonly string[];
}

const OUTCOMES: Readonly<Record<string, Outcome>> = { PASS: 'passed', FAIL: 'failed', SKIP: 'skipped' };
/** `    --- PASS: TestName/Test/part (1.23s)`, as `go test -v` says it. */
const RESULT = /^\s*--- (PASS|FAIL|SKIP): ([^/\s]+)((?:\/\S+)*) \(([0-9.]+)s\)$/;
const BEGINS = /^=== (?:RUN|CONT|NAME|PAUSE)\s+(\S+)$/;

/** Reads what a suite prints, line by line: the results of its tests, which are the subtests of one Go test. */
export class Results {
  readonly tests: TestResult[] = [];
  readonly #root: string;
  readonly #onResult: (result: TestResult) => void;
  readonly #output = new Map<string, string[]>();
  #current = '';

  constructor(root: string, onResult: (result: TestResult) => void) {
    this.#root = root;
    this.#onResult = onResult;
  }

  /** What was said outside of the tests: why there are none. */
  get setup(): readonly string[] {
    return this.#output.get('') ?? [];
  }

  count(outcome: Outcome): number {
    return this.tests.filter(test => test.outcome === outcome).length;
  }

  line(text: string): void {
    const [, begun] = BEGINS.exec(text) ?? [];
    if (begun !== undefined) {
      this.#current = this.#testOf(begun);
      return;
    }
    const [, word = '', root, parts = '', seconds] = RESULT.exec(text) ?? [];
    if (root !== this.#root) {
      this.#say(this.#current, text);
      return;
    }
    const [, name = '', ...deeper] = parts.split('/');
    const outcome = OUTCOMES[word] as Outcome;
    if (deeper.length > 0 && outcome === 'failed') this.#say(name, text.trim());
    if (name === '' || deeper.length > 0) return;
    const output = outcome === 'passed' ? [] : (this.#output.get(name) ?? []);
    this.#output.delete(name);
    const result: TestResult = { name, outcome, seconds: Number(seconds), output };
    this.tests.push(result);
    this.#onResult(result);
  }

  #testOf(path: string): string {
    const [root, test = ''] = path.split('/');
    return root === this.#root ? test : '';
  }

  #say(test: string, text: string): void {
    const said = this.#output.get(test);
    if (said === undefined) this.#output.set(test, [text]);
    else said.push(text);
  }
}

/** One line for each test. */
export function resultLine({ name, outcome, seconds, output }: TestResult): string {
  switch (outcome) {
    case 'passed':
      return `✔ ${name} (${seconds.toFixed(1)} s)`;
    case 'failed':
      return `✖ ${name} (${seconds.toFixed(1)} s)`;
    case 'skipped':
      return `- ${name}: ${reasonOf(output)}`;
  }
}

/** The suite's words for a skipped test: after the place in its source. */
function reasonOf(output: readonly string[]): string {
  const last = output.findLast(line => /\.go:\d+: /.test(line)) ?? 'skipped';
  return last.replace(/^.*\.go:\d+: /, '').trim();
}
