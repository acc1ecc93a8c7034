import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Workplace } from '../e2e/cli-process.ts';
import { page, section, table } from './markdown.ts';

const place = new Workplace();
after(() => place.close());

const commands = page('docs/reference/commands.md');
const introduction = commands.slice(0, commands.indexOf('\n## '));
const help = async (...args: string[]) => (await place.run([...args, '--help'])).stdout;
const entries = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name = '']) => name);

test('commands.md has every command, and every option of each', async () => {
  const names = entries(await help(), /^ {2}([a-z]+) .*\n/gm);
  const rows = table(introduction).flatMap(([cell = '']) =>
    [...cell.matchAll(/\[([^\]]*)\]/g)].flatMap(([, text = '']) => text.split(', ')),
  );
  assert.deepEqual(rows.sort(), names.sort());
  for (const name of names) {
    const heading = [...commands.matchAll(/^## (.*)$/gm)].find(([, words = '']) =>
      words.split(/\W+/).includes(name),
    );
    assert.ok(heading?.[1] !== undefined, `no section about ${name}`);
    const text = introduction + section(commands, heading[1]);
    for (const [, short = '-', long = ''] of (await help(name)).matchAll(/^ {2}(?:(-\w), )?(--[a-z-]+)/gm)) {
      if (long === '--help') continue;
      assert.ok(
        text.includes(`\`${long}`) || text.includes(`\`${short}`) || text.includes(`, ${long}`),
        `${name} ${long}`,
      );
    }
  }
});
