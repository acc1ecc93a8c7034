import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { checkArguments } from '../../src/cluster/envoy-config/index.ts';
import { envoyPath } from '../support/envoy.ts';

const RULES = {
  taken: [],
  writable: ['/tmp'],
  checkConcurrency: (value: number) => assert.ok(value <= 1024, `concurrency ${value}`),
  checkComponent: (name: string, level: string) =>
    assert.ok(name === 'upstream' && level === 'debug', `component ${name}:${level}`),
};

/** Each of Envoy 1.40's flags that may be set, once. */
const GOOD = [
  ['--allow-unknown-static-fields', '--ignore-unknown-dynamic-fields', '--reject-unknown-dynamic-fields'],
  ['--allow-unknown-fields', '--enable-core-dump', '--enable-mutex-tracing', '--log-stacktrace-single-entry'],
  ['--disable-hot-restart', '--skip-deprecated-logs', '--skip-hot-restart-on-no-parent'],
  ['--skip-hot-restart-parent-stats', '--use-dynamic-base-id', '--enable-fine-grain-logging'],
  ['--component-log-level', 'upstream:debug', '--log-format', '%v', '--log-format-escaped'],
  ['--concurrency 2', '--base-id', '7', '--base-id-path', '/tmp/a', '--admin-address-path', '/tmp/b'],
  ['--file-flush-interval-msec', '5', '--file-flush-min-size-kb', '5', '--parent-shutdown-time-s', '5'],
  ['--local-address-ip-version', 'v6', '--log-path', '/tmp/c', '--service-zone', '-x'],
  ['--socket-mode', '0600', '--socket-path', '@x', '--stats-tag', 'a:b', '--stats-tag', 'c:d'],
];

/** What Envoy itself does not take. */
const BAD: readonly (readonly [string[], RegExp])[] = [
  [['--concurrency=2'], /extraArgs\[0\]: expected a flag of Envoy 1\.40, got "--concurrency=2"/],
  [['word'], /expected a flag of Envoy 1\.40, got "word"/],
  [['--concurrency', '4x'], /--concurrency: expected a number from 0 to 4294967295, got "4x"/],
  [['--concurrency'], /--concurrency lacks its value/],
  [
    ['--skip-deprecated-logs', '--skip-deprecated-logs'],
    /extraArgs\[1\]: --skip-deprecated-logs is there twice/,
  ],
  [['--skip-deprecated-logs 1'], /has no value, got "1"/],
  [['--local-address-ip-version', 'v5'], /expected v4 or v6, got "v5"/],
  [['--stats-tag', 'a.b:c'], /expected tag:value, without a dot/],
  [['--component-log-level', 'nope:debug'], /component nope:debug/],
  [['--enable-fine-grain-logging', '--component-log-level', 'upstream:debug'], /exclude each other/],
];

/** What Envoy takes and we, or the Pod, do not. */
const BREAKING: readonly (readonly [string[], RegExp])[] = [
  [['--config-path', '/x'], /--config-path cannot be set: Breakwater sets it itself/],
  [['-c', '/x'], /-c cannot be set/],
  [['--drain-time-s', '1'], /--drain-time-s cannot be set: .*spec\.shutdown says how long/],
  [['--config-yaml', '{}'], /spec\.bootstrap is where/],
  [['--mode validate'], /serves nothing/],
  [['--restart-epoch', '1'], /nothing that it could follow/],
  [['--version'], /Envoy ends at once/],
  [['--concurrency', '5000'], /concurrency 5000/],
  [['--base-id', '429496730'], /expected a number from 0 to 429496728/],
  [['--log-path', '/nope/x'], /a path that can be written to \(in \/tmp\), got "\/nope\/x"/],
  [['--log-path', '/tmp/../x'], /a path that can be written to/],
];

async function exitOf(args: readonly string[]): Promise<number | null> {
  const fixed = ['--mode', 'validate', '--config-yaml', '{}', '--log-level', 'off'];
  return spawnSync(await envoyPath(), [...fixed, ...args]).status;
}

test('arguments that may be set are those that a real Envoy takes', async () => {
  for (const args of GOOD) {
    assert.doesNotThrow(() => checkArguments(args, RULES), args.join(' '));
    assert.equal(await exitOf(args), 0, args.join(' '));
  }
});

test('what a real Envoy does not take is told, and so is what it takes and what breaks its Pod', async () => {
  for (const [args, message] of [...BAD, ...BREAKING])
    assert.throws(() => checkArguments(args, RULES), message, args.join(' '));
  for (const [args] of BAD) assert.notEqual(await exitOf(args), 0, args.join(' '));
});

test('a flag that another field of the EnvoyProxy sets cannot be there again: Envoy would end', () => {
  const rules = { ...RULES, taken: ['--concurrency'] };
  assert.throws(() => checkArguments(['--concurrency', '1'], rules), /is set by another field/);
});

test('each flag that a real Envoy has is known', async () => {
  const { stdout } = spawnSync(await envoyPath(), ['--help'], { encoding: 'utf8' });
  const flags = new Set(stdout.slice(stdout.indexOf('Where:')).match(/^ {3}(?:-\w <\w+>, {2})?(--[\w-]+)/gm));
  assert.ok(flags.size > 40);
  for (const line of flags) {
    const flag = /--[\w-]*$/.exec(line)![0];
    assert.throws(
      () => checkArguments([flag, '\u0000', 'nope'], { ...RULES, taken: [] }),
      (error: Error) => !error.message.startsWith('extraArgs[0]: expected a flag'),
      flag,
    );
  }
});
