import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

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
// A small one that all need.
await tried('Go modules', () =>
  run('go', ['mod', 'download', '-json', 'sigs.k8s.io/yaml@v1.6.0'], { cwd: tmpdir() }),
);
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
