import { parseArgs } from 'node:util';
import { PLANES, type Plane, SUITE_NAMES, type SuiteName } from './suites.ts';

export interface ConformanceArguments {
  readonly plane: Plane;
  readonly suite: SuiteName;
  /** The one test that is run; undefined: all. */
  readonly run: string | undefined;
  /** Of the suite: `NAME:SECONDS;…` (its config.TimeoutConfig). */
  readonly timeouts: string | undefined;
}

/** @throws Error with what was expected */
export function conformanceArguments(args: readonly string[]): ConformanceArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      plane: { type: 'string', default: 'embedded' },
      suite: { type: 'string', default: 'gateway' },
      run: { type: 'string' },
      timeouts: { type: 'string' },
    },
  });
  return {
    plane: oneOf('--plane', values.plane, PLANES),
    suite: oneOf('--suite', values.suite, SUITE_NAMES),
    run: values.run,
    timeouts: values.timeouts,
  };
}

function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find(each => each === value);
  if (found === undefined)
    throw new Error(`${option}: expected ${allowed.join(' or ')}, got ${JSON.stringify(value)}`);
  return found;
}
