import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { SUITES } from '../../conformance/suites.ts';
import { goSources } from './binaries.ts';
import { SOURCES } from './crds.ts';

/**
 * `npm run --silent lab:missing`: what a machine lacks for the cluster tests, a line each; none: they can run. A developer's machine
 * or a container may have no right to make network namespaces and mounts, which is no defect of what is tested.
 */
const run = promisify(execFile);
const PROGRAMS = [
  ['go', ['version'], 'Go 1.26 or newer, from https://go.dev/dl/'],
  ['kubectl', ['version', '--client'], 'kubectl'],
  ['ip', ['-V'], 'iproute2'],
  ['nsenter', ['-V'], 'util-linux'],
  ['setpriv', ['-V'], 'util-linux'],
  ['openssl', ['version'], 'openssl'],
] as const;

for (const [program, args, what] of PROGRAMS)
  await tried(`${what} (\`${program}\` does not run)`, () => run(program, args));
const suites = Object.values(SUITES).map(({ folder }) => ({ folder, source: '.', flags: ['-test'] }));
const programs = goSources().map(source => ({ ...source, flags: [] }));
for (const { folder, source, flags } of [...programs, ...suites])
  await tried(`what ${source} of ${relative(process.cwd(), folder)} requires`, () =>
    run('go', ['list', '-deps', ...flags, source], { cwd: folder, maxBuffer: 1 << 26 }),
  );
for (const module of new Set(Object.values(SOURCES).map(each => each.module)))
  await tried(`the CRDs of ${module}`, () => run('go', ['mod', 'download', module], { cwd: tmpdir() }));
const namespace = `breakwater-try-${process.pid}`;
await tried('the right to make network namespaces', async () => {
  await run('ip', ['netns', 'add', namespace]);
  await run('ip', ['netns', 'delete', namespace]);
});
const folder = await mkdtemp(join(tmpdir(), 'breakwater-try-'));
await tried('the right to mount overlay file systems', () => {
  const script =
    'mount -t tmpfs none "$0" && mkdir "$0/up" "$0/work" "$0/all" && mount -t overlay -o "lowerdir=/,upperdir=$0/up,workdir=$0/work" none "$0/all"';
  return run('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script, folder]);
});
await rm(folder, { recursive: true });

async function tried(what: string, action: () => Promise<unknown>): Promise<void> {
  await action().catch((error: Error) => console.log(`${what}: ${error.message.trim().split('\n').at(-1)}`));
}
