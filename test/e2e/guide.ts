import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fences, root } from '../docs/markdown.ts';
import { type Result, type Up, Workplace } from './cli-process.ts';
import { inFlight } from './support/in-flight.ts';

export interface GuideOptions {
  /** Port of the listeners that the page is about: they move to free ones. */
  readonly port: number;
  /** What stands in the page → what the test has in its place. */
  readonly replace?: Readonly<Record<string, string>>;
  /** Commands that are not for this test. */
  readonly skip?: readonly string[];
}

/**
 * Does what a reader of a page does, block by block, and compares what comes out.
 * - `yaml` that begins with `# PATH` is saved there.
 * - `sh` runs. `breakwater up` goes on, in place of the one before. What is marked `window-1` runs in a window of its own.
 * - `text` and `json` are output of the `sh` before them, or of `window-1`, which is then waited for: see {@link compare}.
 */
export async function follow(
  markdown: string,
  { port, replace = {}, skip = [] }: GuideOptions,
): Promise<void> {
  const place = new Workplace();
  symlinkSync(join(root, 'examples'), join(place.folder, 'examples'));
  let up: { readonly running: Up; readonly args: readonly string[] } | undefined;
  let exports = '';
  let output = '';
  let window: Promise<Result> | undefined;
  try {
    for (const { info, text: written } of fences(markdown)) {
      const text = Object.entries(replace).reduce((all, [from, to]) => all.replaceAll(from, to), written);
      const upArgs = info === 'sh' ? /breakwater up (.*)/.exec(text)?.[1]?.split(' ') : undefined;
      if (info === 'yaml') {
        const folder = save(place.folder, text);
        if (up?.args.includes(folder)) await up.running.until(/ applied: /);
      } else if (upArgs !== undefined) {
        await up?.running.kill();
        up = { running: await place.up(upArgs, { port }), args: upArgs };
        output = up.running.output;
      } else if (info === 'sh window-1') {
        window = place.shell(script(exports, text));
        assert.ok(up !== undefined, 'nothing runs');
        await inFlight(up.running);
      } else if (info === 'sh' && !skip.includes(text.trim())) {
        const result = await place.shell(script(exports, text));
        assert.equal(result.code, 0, `${text}\n${result.stdout}${result.stderr}`);
        if (text.startsWith('export ')) exports += await exported(place, text);
        output = result.stdout;
      } else if (info === 'text window-1') compare((await window)?.stdout ?? '', text);
      else if (info === 'text' || info === 'json') compare(output, text);
    }
  } finally {
    await window;
    await place.close();
  }
}

/** `npx breakwater` is the checkout's own. */
function script(exports: string, text: string): string {
  return `npx() { shift; breakwater "$@"; }\n${exports}${text}`;
}

/** @returns the folder that it went to, as the page calls it */
function save(folder: string, text: string): string {
  const path = /^# (\S+\.yaml)\n/.exec(text)?.[1];
  assert.ok(path !== undefined, `a manifest without \`# PATH\` in its first line:\n${text}`);
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
  return dirname(path);
}

/** The variable of an `export` with its value, for the blocks after it: a reader's shell works it out once as well. */
async function exported(place: Workplace, text: string): Promise<string> {
  const [, line = '', name = ''] = /^(export (\w+)=.*)$/m.exec(text) ?? [];
  const { code, stdout } = await place.shell(script('', `${line}\nprintf %s "$${name}"`));
  assert.equal(code, 0, line);
  return `export ${name}='${stdout}'\n`;
}

/**
 * The lines of `expected` are in `actual`, in their order; others may be between them. `…` stands for anything, and what
 * differs from run to run (loopback addresses with their ports, Pods' suffixes, widths of columns) may differ.
 */
function compare(actual: string, expected: string): void {
  const lines = normal(actual).split('\n');
  let from = 0;
  for (const line of normal(expected).trimEnd().split('\n')) {
    const parts = line.split('…').map(part => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
    const pattern = new RegExp(`^${parts.join('.*')}$`);
    const at = lines.findIndex((candidate, index) => index >= from && pattern.test(candidate));
    assert.ok(at >= 0, `expected the line\n${line}\nin\n${actual}`);
    from = at + 1;
  }
}

function normal(text: string): string {
  return text
    .replaceAll(/\b127\.\d+\.\d+\.\d+(:\d+)?/g, 'ADDRESS')
    .replaceAll(/-[a-z0-9]{8,10}-[a-z0-9]{5}\b/g, '-SUFFIX')
    .replaceAll(/ \(in place of port \d+(?:: see below)?\)/g, '')
    .replaceAll(/(?<=\S) +/g, ' ');
}
