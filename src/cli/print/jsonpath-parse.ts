/**
 * The template language of kubectl's `-o jsonpath=`: text with actions in braces. It is not RFC 9535: it has `range`/`end`,
 * quoted text, unions of keys and backslash escapes in field names.
 * https://kubernetes.io/docs/reference/kubectl/jsonpath/
 */
export type TemplateNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly steps: readonly Step[] }
  | { readonly kind: 'range'; readonly steps: readonly Step[]; readonly body: readonly TemplateNode[] };

export type Step =
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'recursive' }
  | { readonly kind: 'slice'; readonly slice: Slice }
  | { readonly kind: 'filter'; readonly left: readonly Step[]; readonly compare?: Comparison }
  | { readonly kind: 'union'; readonly branches: readonly (readonly Step[])[] };

/** `[start:end:step]`; `[i]` has an end that is derived from its start. */
export interface Slice {
  readonly start: number | undefined;
  readonly end: number | undefined;
  readonly single: boolean;
  readonly step: number | undefined;
}

interface Comparison {
  readonly operator: string;
  readonly right: readonly Step[];
}

export class TemplateSyntaxError extends Error {}

const TERMINATORS = new Set([' ', '\t', '\r', '\n', '.', ',', '[', ']', '$', '@', '{', '}']);
const FILTER = /^([^!<>=]+)([!<>=~]+)(.+?)$/s;
const SLICE = /^(-?\d*)(?::(-?\d*))?(?::(-?\d*))?$/;
const KEY = /^(?:'([^']*)'|"([^"]*)")$/;

/** @throws TemplateSyntaxError */
export function parseTemplate(template: string): readonly TemplateNode[] {
  const root: TemplateNode[] = [];
  const open: { steps: readonly Step[]; outer: TemplateNode[] }[] = [];
  let into = root;
  for (let at = 0; at < template.length; ) {
    const brace = template.indexOf('{', at);
    if (brace !== at) {
      into.push({ kind: 'text', text: template.slice(at, brace < 0 ? undefined : brace) });
      if (brace < 0) break;
    }
    const end = endOfAction(template, brace + 1);
    const body = template.slice(brace + 1, end).trim();
    at = end + 1;
    if (/^range(?![A-Za-z0-9_])/.test(body)) {
      open.push({ steps: parseSteps(body.slice('range'.length)), outer: into });
      into = [];
    } else if (body === 'end') {
      const range = open.pop();
      if (range === undefined) throw new TemplateSyntaxError('not in range, nothing to end');
      range.outer.push({ kind: 'range', steps: range.steps, body: into });
      into = range.outer;
    } else into.push({ kind: 'action', steps: parseSteps(body) });
  }
  // kubectl lets a range run to the end of the template when its end is missing.
  for (let range = open.pop(); range !== undefined; range = open.pop()) {
    range.outer.push({ kind: 'range', steps: range.steps, body: into });
    into = range.outer;
  }
  return root;
}

function endOfAction(template: string, from: number): number {
  for (let at = from; at < template.length; at++) {
    const char = template[at];
    if (char === '}') return at;
    if (char === '\\') at++;
    else if (char === '"' || char === "'") at = endOfQuote(template, at);
    else if (char === '\n' || char === '\r') break;
  }
  throw new TemplateSyntaxError('unclosed action');
}

/** The index of the closing quote of the text that opens at `from`. */
function endOfQuote(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === text[from]) return at;
  }
  throw new TemplateSyntaxError('unterminated quoted string');
}

function parseSteps(text: string): Step[] {
  const steps: Step[] = [];
  for (let at = 0; at < text.length; ) {
    const char = text[at] as string;
    if (char === ' ' || char === '\t' || char === '@' || char === '$') at++;
    else if (text.startsWith('..', at)) {
      if (steps.at(-1)?.kind === 'recursive')
        throw new TemplateSyntaxError('invalid multiple recursive descent');
      steps.push({ kind: 'recursive' });
      at += 2;
      if (/[A-Za-z0-9_]/.test(text[at] ?? '')) at = parseField(text, at, steps);
    } else if (char === '.') at = parseField(text, at + 1, steps);
    else if (text.startsWith('[?(', at)) at = parseFilter(text, at + 3, steps);
    else if (char === '[') at = parseBrackets(text, at + 1, steps);
    else if (char === '"' || char === "'") {
      const end = endOfQuote(text, at);
      steps.push({ kind: 'literal', value: unquote(text.slice(at + 1, end)) });
      at = end + 1;
    } else if (/[-+\d]/.test(char)) at = parseNumber(text, at, steps);
    else if (/[\p{L}_]/u.test(char)) at = parseWord(text, at, steps);
    else throw new TemplateSyntaxError(`unrecognized character in action: '${char}'`);
  }
  return steps;
}

function endOfWord(text: string, from: number): number {
  let at = from;
  while (at < text.length && !TERMINATORS.has(text[at] as string)) at += text[at] === '\\' ? 2 : 1;
  return Math.min(at, text.length);
}

function parseField(text: string, from: number, steps: Step[]): number {
  const end = endOfWord(text, from);
  const name = text.slice(from, end);
  // `{.}` is the current object; the empty name before a bracket, as in `{.[0]}`, is the same.
  if (name !== '')
    steps.push(name === '*' ? { kind: 'wildcard' } : { kind: 'field', name: name.replaceAll('\\', '') });
  return end;
}

function parseWord(text: string, from: number, steps: Step[]): number {
  const end = endOfWord(text, from);
  const word = text.slice(from, end);
  if (word !== 'true' && word !== 'false') throw new TemplateSyntaxError(`unrecognized identifier ${word}`);
  steps.push({ kind: 'literal', value: word === 'true' });
  return end;
}

function parseNumber(text: string, from: number, steps: Step[]): number {
  const match = /^[-+]?[\d.]+/.exec(text.slice(from));
  const value = Number(match?.[0]);
  if (match === null || Number.isNaN(value))
    throw new TemplateSyntaxError(`cannot parse number ${match?.[0] ?? text.slice(from)}`);
  steps.push({ kind: 'literal', value });
  return from + match[0].length;
}

function parseFilter(text: string, from: number, steps: Step[]): number {
  let end = from;
  for (let depth = 1; ; end++) {
    const char = text[end];
    if (char === undefined) throw new TemplateSyntaxError('unterminated filter');
    if (char === '"' || char === "'") end = endOfQuote(text, end);
    else if (char === '(') depth++;
    else if (char === ')' && --depth === 0) break;
  }
  if (text[end + 1] !== ']') throw new TemplateSyntaxError('unclosed array expect ]');
  const body = text.slice(from, end);
  const [, left, operator, right] = FILTER.exec(body) ?? [];
  steps.push(
    left === undefined || operator === undefined || right === undefined
      ? { kind: 'filter', left: parseSteps(body) }
      : { kind: 'filter', left: parseSteps(left), compare: { operator, right: parseSteps(right) } },
  );
  return end + 2;
}

function parseBrackets(text: string, from: number, steps: Step[]): number {
  let end = from;
  for (; text[end] !== ']'; end++) {
    if (end >= text.length) throw new TemplateSyntaxError('unterminated array');
    if (text[end] === '"' || text[end] === "'") end = endOfQuote(text, end);
  }
  const branches = text.slice(from, end).split(',');
  if (branches.length === 1) steps.push(...parseBracket(branches[0] as string));
  else steps.push({ kind: 'union', branches: branches.map(branch => parseBracket(branch.trim())) });
  return end + 1;
}

function parseBracket(text: string): Step[] {
  const key = KEY.exec(text);
  if (key !== null) return parseSteps(`.${key[1] ?? key[2]}`);
  const match = SLICE.exec(text === '*' ? ':' : text);
  if (match === null || text === '') throw new TemplateSyntaxError(`invalid array index ${text}`);
  const [start, end, step] = [match[1], match[2], match[3]].map(part =>
    part === undefined || part === '' ? undefined : Number(part),
  );
  return [{ kind: 'slice', slice: { start, end, step, single: match[2] === undefined } }];
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
};

/** Go's escapes in a quoted text. */
function unquote(text: string): string {
  return text.replace(/\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)/g, (_, code: string) =>
    code.length > 1 ? String.fromCharCode(Number.parseInt(code.slice(1), 16)) : (ESCAPES[code] ?? code),
  );
}
