import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

/** Runs lines of code in a process of their own, with the guards of `main.ts`. */
function run(lines: string) {
  const { href: guards } = new URL('keep-serving.ts', import.meta.url);
  const { href: kernel } = new URL('../../kernel/index.ts', import.meta.url);
  const code = `
    import { keepServing, watchUncaught } from ${JSON.stringify(guards)};
    import { processFigures } from ${JSON.stringify(kernel)};
    watchUncaught();
    ${lines}`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    encoding: 'utf8',
    timeout: 60_000,
  });
}

test('an error that nobody catches ends a process that does not serve yet', () => {
  const { status, stderr } = run(
    `setTimeout(() => { throw new Error('half a start') }); setInterval(() => {}, 1000);`,
  );
  assert.equal(status, 1);
  assert.match(stderr, /half a start.*BW_INTERNAL/s);
});

test('once it serves, what a timer throws and what a promise is rejected with is told once and counted, and it goes on', () => {
  const { status, stdout } = run(`
    keepServing(message => console.log(message));
    for (let i = 0; i < 3; i++) setTimeout(() => { throw new Error('in a timer') });
    setTimeout(() => Promise.reject('a word'), 10);
    setInterval(() => {
      if (processFigures.uncaughtErrors < 4) return;
      console.log('counted ' + processFigures.uncaughtErrors);
      process.exit(0);
    }, 1);`);
  assert.equal(status, 0);
  assert.equal(stdout.match(/not caught: Error: in a timer/g)?.length, 1);
  assert.match(stdout, /a word/);
  assert.match(stdout, /counted 4/);
});
