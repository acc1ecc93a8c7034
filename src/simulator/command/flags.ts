/** What an argument parser needs to know of a flag: does it take no value, one, or all up to the next flag (nargs="+"). */
export type Arity = 'none' | 'one' | 'many';

export interface ParsedFlags {
  /** Values by flag name in its dashed form without the leading `--`; the last mention counts. A flag without a value has `[]`. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** Words that belong to no flag. */
  readonly positional: readonly string[];
  /** As they were written. */
  readonly spelling: ReadonlyMap<string, string>;
}

/**
 * Reads a command line as Python's argparse with vLLM's FlexibleArgumentParser does: `--a-b v`, `--a_b v`, `--a-b=v`, and short
 * flags by `short`. A flag that `arityOf` does not know takes the following word if that does not look like a flag.
 */
export function parseFlags(
  words: readonly string[],
  arityOf: (name: string) => Arity | undefined,
  short: Readonly<Record<string, string>> = {},
): ParsedFlags {
  const values = new Map<string, string[]>();
  const spelling = new Map<string, string>();
  const positional: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word === '--') {
      positional.push(...words.slice(at + 1));
      break;
    }
    if (!isFlag(word)) {
      positional.push(word);
      continue;
    }
    const equals = word.indexOf('=');
    const written = equals < 0 ? word : word.slice(0, equals);
    const bare = written.replace(/^--?/, '').replaceAll('_', '-');
    const name = written.startsWith('--') ? bare : (short[bare] ?? bare);
    spelling.set(name, written);
    if (equals >= 0) values.set(name, [word.slice(equals + 1)]);
    else {
      const arity = arityOf(name) ?? 'one';
      const taken: string[] = [];
      const most = arity === 'none' ? 0 : arity === 'one' ? 1 : Number.POSITIVE_INFINITY;
      while (taken.length < most && at + 1 < words.length && !isFlag(words[at + 1]!))
        taken.push(words[++at]!);
      values.set(name, taken);
    }
  }
  return { values, positional, spelling };
}

/** A word like `-3` is a value, not a flag (argparse's _negative_number_matcher). */
function isFlag(word: string): boolean {
  return /^--?[A-Za-z]/.test(word);
}
