import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Pass, passesOf } from './support/passes.ts';
import { closingLines, slowestLines, together, withSecondTry } from './support/results.ts';
import { runFiles } from './support/run-files.ts';

/**
 * `npm test`: all tests but those on a cluster, or those that are named. `--cluster`: those on a cluster; with `--long` also what
 * takes long there. `--second-try`: what fails runs once more, by itself, and is named at the end: some tests time things, on
 * machines that others use too. On a machine with Node alone, what is compared with a real Envoy is left out, and that is said.
 */
const { values, positionals: named } = parseArgs({
  allowPositionals: true,
  options: {
    cluster: { type: 'boolean', default: false },
    long: { type: 'boolean', default: false },
    'second-try': { type: 'boolean', default: false },
  },
});
const root = resolve(import.meta.dirname, '..');
const ENVOY = join(root, 'test/support/envoy.ts');
/** More than these of about 400 are no accident; some of those that run side by side are late where another takes the machine. */
const SECOND_TRY_FILES = 8;
const options = {
  cwd: root,
  // A test that hangs must not hold up the others. The first on a cluster may build it.
  timeoutMs: values.cluster ? 1_200_000 : 300_000,
};
const CLUSTER = join('test', 'cluster');
/** Its faults, and what it bears: as much time as all others together. */
const LONG = join(CLUSTER, 'long');
const SLOWEST_SHOWN = 20;

const found = named.length > 0 ? named : testFiles();
const left = canHaveEnvoy() ? [] : found.filter(file => imports(resolve(root, file), ENVOY));
const wanted = found.filter(file => !left.includes(file));
// Clusters at once: most tests wait. Those that take long also time things.
const clustersAtOnce = values.long ? 2 : 3;
const passes = values.cluster
  ? [{ files: wanted, atOnce: clustersAtOnce }]
  : passesOf(wanted, availableParallelism());
const { code, results } = await runAll(passes);
process.exitCode = code;
const slowest = slowestLines(results, SLOWEST_SHOWN).map(line => line.replace(`${root}/`, ''));
console.log(`\nSlowest:\n  ${slowest.join('\n  ')}`);
const { failedFiles, failures } = results;
if (values['second-try'] && failedFiles.length > 0 && failedFiles.length <= SECOND_TRY_FILES) {
  console.log(`\nA second try, by itself, of ${failedFiles.map(file => relative(root, file)).join(', ')}\n`);
  const second = await runFiles(failedFiles, { ...options, concurrency: 1 });
  process.exitCode = second.code;
  console.log(`\nFailed the first time:\n${failures.map(name => `  ${relative(root, name)}`).join('\n')}`);
  for (const line of closingLines(withSecondTry(results, second.results))) console.log(line);
}
if (left.length > 0) {
  console.log(
    `\nLeft out: ${left.length} files that need a real Envoy, for which this machine lacks python3 with venv ` +
      `(or set ENVOY to the path of one):\n${left.map(file => `  ${file}`).join('\n')}`,
  );
}

/** One pass after another. Closes with the counts of all. */
async function runAll([first, ...others]: readonly Pass[]) {
  let all = await runFiles(first?.files ?? [], { ...options, concurrency: first?.atOnce ?? 1 });
  for (const { files, atOnce } of others) {
    const next = await runFiles(files, { ...options, concurrency: atOnce });
    all = { code: all.code || next.code, results: together(all.results, next.results) };
  }
  if (others.length > 0) {
    console.log(`\nAll ${wanted.length} files:`);
    for (const line of closingLines(all.results)) console.log(line);
  }
  return all;
}

function testFiles(): string[] {
  const all = globSync(['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'], { cwd: root }).sort();
  const inCluster = all.filter(file => file.startsWith(CLUSTER));
  if (!values.cluster) return all.filter(file => !inCluster.includes(file));
  const long = inCluster.filter(file => file.startsWith(LONG));
  // What takes longest begins first: the others fit in beside it.
  return [...(values.long ? long : []), ...inCluster.filter(file => !long.includes(file))];
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
