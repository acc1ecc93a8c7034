export type Outcome = 'passed' | 'failed' | 'skipped';

export interface TestResult {
  readonly name: string;
  readonly outcome: Outcome;
  readonly seconds: number;
  /** What the test itself said, when it failed or was skipped. */
  readonly output: readonly string[];
}

const OUTCOMES: Readonly<Record<string, Outcome>> = { PASS: 'passed', FAIL: 'failed', SKIP: 'skipped' };
/** `=== DONE  PASS Test`, of `go/…/tell_test.go`: Go itself says nothing before the last test has ended. */
const DONE = /^=== DONE {2}(PASS|FAIL|SKIP) (\S+)$/;
/** `        --- FAIL: TestName/Test/part (1.23s)` */
const PART = /^\s*--- (PASS|FAIL|SKIP): /;
const BEGINS = /^=== (RUN|CONT|NAME|PAUSE)\s+(\S+)$/;

/** Reads what a suite prints, line by line: the results of its tests, which are the subtests of one Go test. */
export class Results {
  readonly tests: TestResult[] = [];
  readonly #root: string;
  readonly #onResult: (result: TestResult) => void;
  readonly #now: () => number;
  readonly #output = new Map<string, string[]>();
  /** When tests were first heard of, or went on after their turn had come. */
  readonly #beganAtMs = new Map<string, number>();
  #current = '';

  /** @param now milliseconds */
  constructor(root: string, onResult: (result: TestResult) => void, now: () => number) {
    this.#root = root;
    this.#onResult = onResult;
    this.#now = now;
  }

  /** What was said outside of the tests: why there are none. */
  get setup(): readonly string[] {
    return this.#output.get('') ?? [];
  }

  count(outcome: Outcome): number {
    return this.tests.filter(test => test.outcome === outcome).length;
  }

  line(text: string): void {
    const [, word, path = ''] = BEGINS.exec(text) ?? [];
    if (word !== undefined) {
      const [root, test = '', ...parts] = path.split('/');
      this.#current = root === this.#root ? test : '';
      if (parts.length === 0 && (word === 'RUN' || word === 'CONT')) this.#beganAtMs.set(test, this.#now());
      return;
    }
    const [, result = '', name = ''] = DONE.exec(text) ?? [];
    const outcome = OUTCOMES[result];
    if (outcome !== undefined) this.#done(name, outcome);
    else if (!PART.test(text)) this.#say(this.#current, text);
  }

  #done(name: string, outcome: Outcome): void {
    const seconds = (this.#now() - (this.#beganAtMs.get(name) ?? this.#now())) / 1000;
    const output = outcome === 'passed' ? [] : (this.#output.get(name) ?? []);
    this.#output.delete(name);
    const result: TestResult = { name, outcome, seconds, output };
    this.tests.push(result);
    this.#onResult(result);
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
