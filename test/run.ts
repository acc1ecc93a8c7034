import { spawn, spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OverdueChildren } from './support/overdue-children.ts';

/**
 * `npm test`: all tests but those on a cluster, or those that are named; `--cluster`: those on a cluster. On a machine with Node
 * alone, what is compared with a real Envoy is left out, and that is said.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const ENVOY = join(root, 'test/support/envoy.ts');
const cluster = process.argv[2] === '--cluster';
/** One test takes at most this: a test that hangs must not hold up the others. The first on a cluster may build it. */
const TIMEOUT_MS = cluster ? 1_200_000 : 300_000;
/** One file of them, by itself; and when it does not, because it spins. */
const FILE_DEADLINE_MS = 2 * TIMEOUT_MS;
const KILLED_AFTER_MS = FILE_DEADLINE_MS + 60_000;
const LOOK_MS = 15_000;

const named = process.argv.slice(cluster ? 3 : 2);
const all =
  named.length > 0
    ? named
    : globSync(['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'], { cwd: root });
const found = all
  .filter(file => named.length > 0 || file.startsWith(join('test', 'cluster')) === cluster)
  .sort();
const left = canHaveEnvoy() ? [] : found.filter(file => imports(resolve(root, file), ENVOY));
const files = found.filter(file => !left.includes(file));

const preload = join(root, 'test/support/file-deadline.ts');
const child = spawn(
  process.execPath,
  [
    ...['--import', preload, '--test', `--test-timeout=${TIMEOUT_MS}`],
    // Two clusters at once are too much for a small machine.
    ...(cluster ? ['--test-concurrency=1'] : []),
    ...files,
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, TEST_FILE_DEADLINE_MS: String(FILE_DEADLINE_MS) },
  },
);
const overdue = new OverdueChildren(child.pid ?? 0, KILLED_AFTER_MS);
const looking = setInterval(() => {
  for (const command of overdue.look(performance.now()))
    console.error(`killed after ${KILLED_AFTER_MS / 1000} s: ${command}`);
}, LOOK_MS);
child.on('exit', (code, signal) => {
  clearInterval(looking);
  if (left.length > 0) {
    console.log(
      `\nLeft out: ${left.length} files that need a real Envoy, for which this machine lacks python3 with venv ` +
        `(or set ENVOY to the path of one):\n${left.map(file => `  ${file}`).join('\n')}`,
    );
  }
  process.exitCode = signal === null ? (code ?? 1) : 1;
});

function canHaveEnvoy(): boolean {
  if (process.env['ENVOY'] !== undefined) return true;
  return spawnSync('python3', ['-c', 'import venv, ensurepip']).status === 0;
}

/** Whether a file imports another, itself or through what it imports. */
function imports(file: string, wanted: string, seen = new Set<string>()): boolean {
  if (seen.has(file) || !existsSync(file)) return false;
  seen.add(file);
  for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/from '(\.[^']*\.ts)'/g)) {
    const target = resolve(dirname(file), path);
    if (target === wanted || (relative(root, target).startsWith('test') && imports(target, wanted, seen)))
      return true;
  }
  return false;
}
