const LF = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;
const QUOTE = 0x22;
const COMMA = 0x2c;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** One sample of a metric. */
export interface Series {
  /** May be NaN or infinite. */
  readonly value: number;
  /** Values of the labels that were asked for, in that order; '' where there is none. */
  readonly labels: readonly string[];
}

/**
 * Reads `{LABELS} VALUE [TIMESTAMP]` (Prometheus text exposition format 0.0.4; a line may end in LF, CRLF or nothing).
 * @param from index after the metric's name
 * @returns undefined when the name goes on (another metric), or the line is malformed or cut
 */
export function readSeries(body: Buffer, from: number, wanted: readonly string[]): Series | undefined {
  const labels: string[] = wanted.map(() => '');
  let at = from;
  if (body[at] === OPEN) {
    at = readLabels(body, at + 1, wanted, labels);
    if (at === -1) return undefined;
  } else if (!isBlank(body[at])) {
    return undefined;
  }
  while (isBlank(body[at])) at++;
  let end = at;
  while (end < body.length && (body[end] as number) > SPACE) end++;
  if (end === at) return undefined;
  return { value: parseValue(body.toString('latin1', at, end)), labels };
}

/** @returns index after the closing brace, -1 when there is none in this line */
function readLabels(body: Buffer, from: number, wanted: readonly string[], values: string[]): number {
  const end = body.length;
  let at = from;
  while (at < end) {
    const byte = body[at] as number;
    if (byte === CLOSE) return at + 1;
    if (byte === COMMA || isBlank(byte)) {
      at++;
      continue;
    }
    const nameFrom = at;
    while (at < end && isNameByte(body[at] as number)) at++;
    const nameEnd = at;
    while (isBlank(body[at])) at++;
    if (nameEnd === nameFrom || body[at] !== EQUALS) return -1;
    at++;
    while (isBlank(body[at])) at++;
    if (body[at] !== QUOTE) return -1;
    const valueFrom = ++at;
    let escaped = false;
    while (at < end && body[at] !== QUOTE) {
      if (body[at] === LF) return -1;
      if (body[at] === BACKSLASH) {
        escaped = true;
        at++;
      }
      at++;
    }
    if (at >= end) return -1;
    for (let i = 0; i < wanted.length; i++) {
      if (!isText(body, nameFrom, nameEnd, wanted[i] as string)) continue;
      const text = body.toString('utf8', valueFrom, at);
      values[i] = escaped ? unescaped(text) : text;
    }
    at++;
  }
  return -1;
}

/** `\\`, `\"` and `\n`; any other escape stays as it is written. */
function unescaped(text: string): string {
  return text.replace(/\\([\\"n])/g, (_, character: string) => (character === 'n' ? '\n' : character));
}

/** Go's ParseFloat, as the format asks for: NaN, +Inf and -Inf beside numbers. */
function parseValue(text: string): number {
  switch (text.toLowerCase()) {
    case 'inf':
    case '+inf':
      return Number.POSITIVE_INFINITY;
    case '-inf':
      return Number.NEGATIVE_INFINITY;
    default:
      return Number(text);
  }
}

function isText(body: Buffer, from: number, end: number, text: string): boolean {
  if (end - from !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (body[from + i] !== text.charCodeAt(i)) return false;
  return true;
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}

/** [a-zA-Z0-9_] */
function isNameByte(byte: number): boolean {
  if (byte === 0x5f || (byte >= 0x30 && byte <= 0x39)) return true;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}
