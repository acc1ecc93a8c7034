import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { closingLines, withSecondTry } from './support/results.ts';
import { runFiles } from './support/run-files.ts';

/**
 * `npm test`: all tests but those on a cluster, or those that are named. `--cluster`: those on a cluster. `--second-try`: what fails
 * runs once more, by itself, and is named at the end: some tests time things, on machines that others use too. On a machine with
 * Node alone, what is compared with a real Envoy is left out, and that is said.
 */
const { values, positionals: named } = parseArgs({
  allowPositionals: true,
  options: {
    cluster: { type: 'boolean', default: false },
    'second-try': { type: 'boolean', default: false },
  },
});
const root = resolve(import.meta.dirname, '..');
const ENVOY = join(root, 'test/support/envoy.ts');
/** More than these are no accident. */
const SECOND_TRY_FILES = 4;
const options = {
  cwd: root,
  // A test that hangs must not hold up the others. The first on a cluster may build it.
  timeoutMs: values.cluster ? 1_200_000 : 300_000,
  // Two clusters at once are too much for a small machine.
  ...(values.cluster && { concurrency: 1 }),
};

const found = named.length > 0 ? named : testFiles(values.cluster);
const left = canHaveEnvoy() ? [] : found.filter(file => imports(resolve(root, file), ENVOY));
const first = await runFiles(
  found.filter(file => !left.includes(file)),
  options,
);
process.exitCode = first.code;
const { failedFiles, failures } = first.results;
if (values['second-try'] && failedFiles.length > 0 && failedFiles.length <= SECOND_TRY_FILES) {
  console.log(`\nA second try, by itself, of ${failedFiles.map(file => relative(root, file)).join(', ')}\n`);
  const second = await runFiles(failedFiles, { ...options, concurrency: 1 });
  process.exitCode = second.code;
  console.log(`\nFailed the first time:\n${failures.map(name => `  ${relative(root, name)}`).join('\n')}`);
  for (const line of closingLines(withSecondTry(first.results, second.results))) console.log(line);
}
if (left.length > 0) {
  console.log(
    `\nLeft out: ${left.length} files that need a real Envoy, for which this machine lacks python3 with venv ` +
      `(or set ENVOY to the path of one):\n${left.map(file => `  ${file}`).join('\n')}`,
  );
}

function testFiles(cluster: boolean): string[] {
  return globSync(['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'], { cwd: root })
    .filter(file => file.startsWith(join('test', 'cluster')) === cluster)
    .sort();
}

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
