/** Operators after which a shell begins another command. */
const OPERATORS = new Set(['&&', '||', ';', '|', '&', '\n']);

/**
 * The commands of a shell line, each as its words: quotes and backslashes as in POSIX sh 2.2, no substitution. `${NAME}`,
 * `${NAME:-default}` and `$NAME` are taken from `environment` and stay as they are when it has none.
 */
export function shellCommands(line: string, environment: Readonly<Record<string, string>> = {}): string[][] {
  const commands: string[][] = [[]];
  for (const word of split(line, environment)) {
    if (word.operator) commands.push([]);
    else commands.at(-1)!.push(word.text);
  }
  return commands.filter(words => words.length > 0);
}

/** The words of a shell line, as one command. */
export function shellWords(line: string): string[] {
  return split(line, {}).map(word => word.text);
}

interface Word {
  readonly text: string;
  readonly operator: boolean;
}

function split(line: string, environment: Readonly<Record<string, string>>): Word[] {
  const words: Word[] = [];
  let text = '';
  let inWord = false;
  const end = () => {
    if (inWord) words.push({ text, operator: false });
    text = '';
    inWord = false;
  };
  for (let at = 0; at < line.length; at++) {
    const char = line[at]!;
    if (char === '\\') {
      const next = line[++at];
      if (next === '\n' || next === undefined) continue;
      text += next;
      inWord = true;
    } else if (char === "'") {
      const close = line.indexOf("'", at + 1);
      text += line.slice(at + 1, close < 0 ? undefined : close);
      at = close < 0 ? line.length : close;
      inWord = true;
    } else if (char === '"') {
      const quoted = readDoubleQuoted(line, at + 1, environment);
      text += quoted.text;
      at = quoted.end;
      inWord = true;
    } else if (char === '$') {
      const variable = readVariable(line, at, environment);
      text += variable.text;
      at = variable.end;
      inWord = true;
    } else if (char === '#' && !inWord) {
      const lineEnd = line.indexOf('\n', at);
      at = lineEnd < 0 ? line.length : lineEnd - 1;
    } else if (OPERATORS.has(char)) {
      end();
      const double = line.slice(at, at + 2);
      if (OPERATORS.has(double)) at++;
      words.push({ text: double, operator: true });
    } else if (/\s/.test(char)) end();
    else {
      text += char;
      inWord = true;
    }
  }
  end();
  return words;
}

function readDoubleQuoted(line: string, from: number, environment: Readonly<Record<string, string>>) {
  let text = '';
  let at = from;
  for (; at < line.length && line[at] !== '"'; at++) {
    if (line[at] === '\\' && '$`"\\\n'.includes(line[at + 1] ?? ' ')) {
      at++;
      if (line[at] !== '\n') text += line[at];
    } else if (line[at] === '$') {
      const variable = readVariable(line, at, environment);
      text += variable.text;
      at = variable.end;
    } else text += line[at];
  }
  return { text, end: at };
}

function readVariable(line: string, at: number, environment: Readonly<Record<string, string>>) {
  const [whole, braced, otherwise, plain] = /^\$(?:\{(\w+)(?::?-([^}]*))?\}|(\w+))/.exec(
    line.slice(at, at + 256),
  ) ?? ['$'];
  const value = environment[braced ?? plain ?? ''];
  return { text: value ?? otherwise ?? whole, end: at + whole.length - 1 };
}
