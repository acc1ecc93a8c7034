import { join, matchesGlob } from 'node:path';

export interface Instruction {
  readonly name: string;
  /** What stands behind the name, flags left out. */
  readonly words: readonly string[];
  readonly text: string;
  /** `--from=build` → build */
  readonly flags: Readonly<Record<string, string>>;
}

export interface Stage {
  /** Of `AS`; '' without. */
  readonly name: string;
  readonly base: string;
  readonly instructions: readonly Instruction[];
}

/** A Dockerfile without escapes, heredocs and ONBUILD, which ours has none of: its stages. */
export function stagesOf(text: string): Stage[] {
  const stages: { name: string; base: string; instructions: Instruction[] }[] = [];
  const lines = text.replaceAll(/\\\n/g, ' ').split('\n');
  for (const line of lines) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const instruction = instructionOf(line);
    const [base = '', , name = ''] = instruction.words;
    if (instruction.name === 'FROM') stages.push({ base, name, instructions: [] });
    else stages.at(-1)?.instructions.push(instruction);
  }
  return stages;
}

function instructionOf(line: string): Instruction {
  const [, name = '', text = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
  const all = text.split(' ');
  const count = name === 'COPY' ? all.findIndex(word => !word.startsWith('--')) : 0;
  const flags = all.slice(0, count).map(flag => flag.slice(2).split('=', 2) as [string, string]);
  return { name, text, words: all.slice(count), flags: Object.fromEntries(flags) };
}

/** Of the exec form: a list in JSON. */
export function execForm({ text }: Instruction): string[] {
  return JSON.parse(text) as string[];
}

/** Whether a path is sent to the builder: the last line of .dockerignore that matches it or a folder above decides. */
export function isSent(path: string, ignore: string): boolean {
  const parts = path.split('/');
  const all = parts.map((_, index) => join(...parts.slice(0, index + 1)));
  let sent = true;
  for (const line of ignore.split('\n').filter(each => each !== '' && !each.startsWith('#'))) {
    const pattern = line.replace(/^!/, '');
    if (all.some(each => matchesGlob(each, pattern))) sent = line.startsWith('!');
  }
  return sent;
}
