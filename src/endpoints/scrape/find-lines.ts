const LF = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;
const OPEN = 0x7b;

/**
 * Finds the lines of some metrics among the hundreds of a scrape, in one pass that looks at a few bytes of a line.
 * (Measured on a vLLM scrape of 60 KB: a fifth of what searching the whole text for each name takes.)
 */
export class LineFinder {
  /** Names by their first byte: most lines begin with `#`, which none does. */
  readonly #byFirstByte: (Buffer[] | undefined)[] = new Array(256).fill(undefined);

  /** @param names of metrics, ASCII */
  constructor(names: Iterable<string>) {
    for (const name of new Set(names)) {
      const bytes = Buffer.from(name, 'latin1');
      (this.#byFirstByte[bytes[0] as number] ??= []).push(bytes);
    }
  }

  /** @returns name → index after the name in each of its lines; HELP and TYPE lines are not among them */
  find(body: Buffer): Map<string, number[]> {
    const found = new Map<string, number[]>();
    const byFirstByte = this.#byFirstByte;
    for (let at = 0; at < body.length; ) {
      const names = byFirstByte[body[at] as number];
      if (names !== undefined) noteLine(body, at, names, found);
      const lineEnd = body.indexOf(LF, at);
      if (lineEnd === -1) break;
      at = lineEnd + 1;
    }
    return found;
  }
}

function noteLine(body: Buffer, at: number, names: readonly Buffer[], found: Map<string, number[]>): void {
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as Buffer;
    const end = at + name.length;
    // Tells most names apart from the line's own, which ends elsewhere.
    const next = body[end];
    if (next !== OPEN && next !== SPACE && next !== TAB) continue;
    if (!isAt(body, at, name)) continue;
    const key = name.toString('latin1');
    const offsets = found.get(key);
    if (offsets === undefined) found.set(key, [end]);
    else offsets.push(end);
    return;
  }
}

/** From the end: names of one server differ there. */
function isAt(body: Buffer, at: number, name: Buffer): boolean {
  for (let i = name.length - 1; i >= 0; i--) if (body[at + i] !== name[i]) return false;
  return true;
}
