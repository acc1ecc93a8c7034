import { spawn, spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * `npm test`: all tests but those on a cluster, or those that are named. On a machine with Node alone, what is compared
 * with a real Envoy is left out, and that is said.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const ENVOY = join(root, 'test/support/envoy.ts');
/** One test, or one file of them, takes at most this: a test that hangs must not hold up the others. */
const TIMEOUT_MS = 300_000;

const named = process.argv.slice(2);
const all =
  named.length > 0
    ? named
    : globSync(['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'], { cwd: root });
const found = all.filter(file => named.length > 0 || !file.startsWith(join('test', 'cluster'))).sort();
const left = canHaveEnvoy() ? [] : found.filter(file => imports(resolve(root, file), ENVOY));
const files = found.filter(file => !left.includes(file));

const preload = join(root, 'test/support/file-deadline.ts');
const child = spawn(
  process.execPath,
  ['--import', preload, '--test', `--test-timeout=${TIMEOUT_MS}`, ...files],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
child.on('exit', (code, signal) => {
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
