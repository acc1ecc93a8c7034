/** What may follow a flag; undefined: nothing may. */
type Value = 'none' | 'number' | 'text' | 'path' | 'socket' | 'tag' | 'version' | 'mode';

/** Envoy 1.40's own flags that change nothing that we need. */
const FLAGS: Readonly<Record<string, Value>> = {
  '--allow-unknown-fields': 'none',
  '--allow-unknown-static-fields': 'none',
  '--admin-address-path': 'path',
  '--base-id': 'number',
  '--base-id-path': 'path',
  '--component-log-level': 'text',
  '--concurrency': 'number',
  '--disable-hot-restart': 'none',
  '--enable-core-dump': 'none',
  '--enable-fine-grain-logging': 'none',
  '--enable-mutex-tracing': 'none',
  '--file-flush-interval-msec': 'number',
  '--file-flush-min-size-kb': 'number',
  '--ignore-unknown-dynamic-fields': 'none',
  '--local-address-ip-version': 'version',
  '--log-format': 'text',
  '--log-format-escaped': 'none',
  '--log-path': 'path',
  '--log-stacktrace-single-entry': 'none',
  '--parent-shutdown-time-s': 'number',
  '--reject-unknown-dynamic-fields': 'none',
  '--service-zone': 'text',
  '--skip-deprecated-logs': 'none',
  '--skip-hot-restart-on-no-parent': 'none',
  '--skip-hot-restart-parent-stats': 'none',
  '--socket-mode': 'mode',
  '--socket-path': 'socket',
  '--stats-tag': 'tag',
  '--use-dynamic-base-id': 'none',
};

const OURS = 'Breakwater sets it itself';
const ENDS = 'with it Envoy ends at once';

/** Envoy 1.40's flags that break what we start it with. */
const REFUSED: Readonly<Record<string, string>> = {
  '--config-path': OURS,
  '-c': OURS,
  '--cpuset-threads': OURS,
  '--drain-strategy': OURS,
  '--drain-time-s': `${OURS}: spec.shutdown says how long`,
  '--log-level': `${OURS}: spec.logging.level says which`,
  '-l': `${OURS}: spec.logging.level says which`,
  '--service-cluster': OURS,
  '--service-node': OURS,
  '--config-yaml': 'spec.bootstrap is where more configuration is',
  '--disable-extensions': "the Gateway's configuration may need any of them",
  '--mode': 'with another mode than its default Envoy serves nothing',
  '--restart-epoch': 'a Pod has one Envoy, and nothing that it could follow',
  '--hot-restart-version': ENDS,
  '--version': ENDS,
  '--help': ENDS,
  '-h': ENDS,
  '--ignore_rest': 'it hides what follows',
  '--': 'it hides what follows',
};

const MAX_NUMBER = 2 ** 32 - 1;
/** A hot restart's sockets have a number of ten for each. */
const MAX_BASE_ID = 2 ** 32 / 10 - 1;

export interface ArgumentRules {
  /** Set beside `extraArgs`, by other fields of the EnvoyProxy. */
  readonly taken: readonly string[];
  /** Folders that the container may write to. */
  readonly writable: readonly string[];
  /** @throws Error where this is none */
  readonly checkConcurrency: (value: number) => void;
  /** @throws Error where it has not this component or this level */
  readonly checkComponent: (name: string, level: string) => void;
}

/**
 * Why Envoy would end with these arguments, or not be what we need. As its parser has them: a value is the next argument, or stands
 * behind a space in the same one; a flag may come once.
 * @throws Error with the argument
 */
export function checkArguments(args: readonly string[], rules: ArgumentRules): void {
  const given = new Set<string>();
  for (let index = 0; index < args.length; index++) {
    const field = `extraArgs[${index}]`;
    const [flag = '', ...words] = (args[index] ?? '').split(' ');
    const refused = REFUSED[flag];
    if (refused !== undefined) throw new Error(`${field}: ${flag} cannot be set: ${refused}`);
    const kind = FLAGS[flag];
    if (kind === undefined)
      throw new Error(`${field}: expected a flag of Envoy 1.40, got ${shown(args[index])}`);
    if (rules.taken.includes(flag))
      throw new Error(`${field}: ${flag} is set by another field of the EnvoyProxy`);
    if (given.has(flag) && kind !== 'tag') throw new Error(`${field}: ${flag} is there twice`);
    given.add(flag);
    if (kind === 'none') {
      if (words.length > 0) throw new Error(`${field}: ${flag} has no value, got ${shown(words.join(' '))}`);
      continue;
    }
    const value = words.length > 0 ? words.join(' ') : args[++index];
    if (value === undefined) throw new Error(`${field}: ${flag} lacks its value`);
    const expected = expectedOf(kind, flag, value, rules);
    if (expected !== undefined)
      throw new Error(`${field}: ${flag}: expected ${expected}, got ${shown(value)}`);
  }
  const isFineGrained = given.has('--enable-fine-grain-logging');
  if (isFineGrained && [...given, ...rules.taken].includes('--component-log-level'))
    throw new Error('extraArgs: --enable-fine-grain-logging and log levels of components exclude each other');
}

function expectedOf(kind: Value, flag: string, value: string, rules: ArgumentRules): string | undefined {
  switch (kind) {
    case 'number':
      return numberExpected(flag, value, rules);
    case 'path':
      return isIn(rules.writable, value)
        ? undefined
        : `a path that can be written to (in ${rules.writable.join(', ')})`;
    case 'socket':
      return value.startsWith('@') || isIn(rules.writable, value)
        ? undefined
        : 'an abstract socket (@…) or a path that can be written to';
    case 'tag':
      return /^[0-9A-Za-z]+:[^.]+$/.test(value) ? undefined : 'tag:value, without a dot';
    case 'version':
      return value === 'v4' || value === 'v6' ? undefined : 'v4 or v6';
    case 'mode':
      return /^0?[0-7]{3}$/.test(value) ? undefined : 'a mode as 600';
    case 'text':
      if (flag === '--component-log-level') checkComponents(value, rules);
      return undefined;
    case 'none':
      return undefined;
  }
}

function numberExpected(
  flag: string,
  value: string,
  { checkConcurrency }: ArgumentRules,
): string | undefined {
  const most = flag === '--base-id' ? MAX_BASE_ID : MAX_NUMBER;
  const number = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN;
  if (!(number <= most)) return `a number from 0 to ${Math.floor(most)}`;
  if (flag === '--concurrency') checkConcurrency(number);
  return undefined;
}

function checkComponents(value: string, { checkComponent }: ArgumentRules): void {
  for (const part of value.split(',')) {
    const [name = '', level = ''] = part.split(':');
    checkComponent(name, level);
  }
}

function isIn(folders: readonly string[], path: string): boolean {
  return (
    !path.split('/').includes('..') &&
    folders.some(folder => path.startsWith(`${folder.replace(/\/$/, '')}/`))
  );
}

function shown(text: string | undefined): string {
  return JSON.stringify((text ?? '').slice(0, 100));
}
