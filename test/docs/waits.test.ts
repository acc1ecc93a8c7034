import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from './markdown.ts';
import { withoutComments } from './without-comments.ts';

/** What waits for a time in a test. `socket.setTimeout()` is a bound on a socket. */
const WAITS = [
  /(?<![.\w])setTimeout\(/g,
  /\bnode:timers\b/g,
  /(?<![.\w])(?:sleep|delay)\(/g,
  /\bAtomics\.wait\(/g,
];

/** What all others wait by: each says what for. */
const HELPERS: ReadonlySet<string> = new Set([
  'test/support/until.ts',
  'test/support/peer-takes.ts',
  'test/proxy/support/within.ts',
]);

/** Files that wait in another way, how often, and why. */
const EXCEPTIONS: Readonly<Record<string, readonly [number, string]>> = {
  'src/cli/process/keep-serving.test.ts': [3, 'a program that throws in a timer: the input'],
  'src/kernel/clock.test.ts': [
    1,
    "compares two timers of the machine's clock: the longer one fires, and the other has not",
  ],
  'src/kernel/virtual-clock.test.ts': [3, 'of a virtual clock'],
  'test/cluster/lab-pods.test.ts': [1, 'a container that answers late: the input'],
  'test/cluster/lab/program.ts': [2, 'a bound on the end of a process, which is killed then'],
  'test/differential/support/held.ts': [
    1,
    'Envoy counts a request as pending in a queue and for as long as its connection is made, and nothing tells which it is',
  ],
  'test/e2e/cli-process.ts': [1, 'a bound on what a process says, which is an event'],
  'test/e2e/exact-limit.test.ts': [1, 'a client that leaves: the input'],
  'test/e2e/support/counting-upstream.ts': [
    1,
    'a model server that takes its time, or whose client leaves: the input',
  ],
  'test/envoy-e2e/support/leaving-client.ts': [1, 'a client that leaves: the input'],
  'test/faults/soak.test.ts': [1, 'a client that leaves: the input'],
  'test/faults/support/pool-of-streams.ts': [
    2,
    'a model server that streams, or whose client leaves: the input',
  ],
  'test/faults/support/storm-client.ts': [2, 'a client that leaves: the input, and a bound on it'],
  'test/fuzz/ext-proc.test.ts': [1, 'a client that gives up a stream whose rest never comes: the input'],
  'test/fuzz/support/storm.ts': [1, 'a client that gives up what is never answered: the input'],
  'test/proxy/support/stall.ts': [
    1,
    'a side that stops reading says nothing: it has taken nothing for so long, and any byte that it takes is an event',
  ],
  'test/support/file-deadline.ts': [1, 'the bound on a whole file of tests'],
};

/** A program's look at what came of it, right after a time that is the input of a test. */
const LOOK_AFTER_TIME = /\bpeerTakes\([^;]*;\s*assert\b/g;

function* tests(): Iterable<readonly [string, string]> {
  for (const folder of ['src', 'test'])
    for (const path of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      const file = `${folder}/${path}`;
      if (!/\.(?:ts|mjs)$/.test(file) || (folder === 'src' && !/(?:\.test|-for-test)\.ts$/.test(file)))
        continue;
      if (HELPERS.has(file) || file === 'test/docs/waits.test.ts') continue;
      yield [file, withoutComments(readFileSync(join(root, file), 'utf8'))];
    }
}

const countOf = (text: string, patterns: readonly RegExp[]) =>
  patterns.reduce((sum, pattern) => sum + [...text.matchAll(pattern)].length, 0);

test('the scan knows a wait by each of its ways, and a bound on a socket from it', () => {
  for (const wait of [
    'await new Promise(resolve => setTimeout(resolve, 200));',
    "import { setTimeout as pause } from 'node:timers/promises';",
    'await delay(16_000);',
    'await sleep(200);',
    'Atomics.wait(cells, 0, 0, 200);',
  ])
    assert.equal(countOf(wait, WAITS), 1, wait);
  assert.equal(countOf('socket.setTimeout(200, () => socket.destroy()); await until();', WAITS), 0);
  assert.equal(countOf('await peerTakes(200);\n  assert.equal(seen, 1);', [LOOK_AFTER_TIME]), 1);
});

test('no test waits for a fixed time: it waits for a condition or an event, or its clock is a virtual one', () => {
  const found: Record<string, number> = {};
  for (const [file, text] of tests()) {
    const count = countOf(text, WAITS);
    if (count > 0) found[file] = count;
  }
  assert.deepEqual(
    found,
    Object.fromEntries(Object.entries(EXCEPTIONS).map(([file, [count]]) => [file, count])),
    'use until (test/support/), within (test/proxy/support/) or VirtualClock (src/kernel/); peerTakes for what a peer does',
  );
});

test('the time that a peer takes is an input: what came of it is waited for, and not looked at when it is over', () => {
  const found = [...tests()].filter(([, text]) => countOf(text, [LOOK_AFTER_TIME]) > 0).map(([file]) => file);
  assert.deepEqual(found, []);
});
