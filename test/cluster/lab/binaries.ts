import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileLock } from '../../support/file-lock.ts';
import { until } from '../../support/until.ts';

const root = join(import.meta.dirname, '../../..');
/** Another process may build it: minutes on two cores, and more when they are busy. */
const BUILDING_MS = 7_200_000;
/** What is built once, for all runs of this checkout. */
const cache = join(root, '.cache/cluster-lab');

/** Folder of the Go module in `go/`, and the package to build there. */
const PROGRAMS = {
  etcd: ['etcd', '.'],
  'kube-apiserver': ['kubernetes', './kube-apiserver'],
  'kube-controller-manager': ['kubernetes', './kube-controller-manager'],
  'echo-basic': ['echo-basic', 'sigs.k8s.io/gateway-api/conformance/echo-basic'],
  helm: ['helm', 'helm.sh/helm/v3/cmd/helm'],
  epp: ['epp', 'sigs.k8s.io/gateway-api-inference-extension/cmd/epp'],
} as const;

type AnyProgram = keyof typeof PROGRAMS;
const CONTROL_PLANE = ['etcd', 'kube-apiserver', 'kube-controller-manager'] as const;
export type Program = (typeof CONTROL_PLANE)[number];
export type Progress = (line: string) => void;

/**
 * Paths of the control plane's programs. The first call builds them with Go (about 10 minutes on two cores), later ones find
 * them by a hash of the Go modules in `go/`.
 */
export async function binaries(progress: Progress): Promise<Readonly<Record<Program, string>>> {
  const found: Partial<Record<Program, string>> = {};
  for (const program of CONTROL_PLANE) found[program] = await binary(program, progress);
  return found as Record<Program, string>;
}

/** Builds what is not there, the slowest first. */
export async function buildAll(progress: Progress): Promise<void> {
  const slow = ['kube-apiserver', 'kube-controller-manager', 'helm', 'epp'] as const;
  for (const program of new Set([...slow, ...(Object.keys(PROGRAMS) as AnyProgram[])]))
    await binary(program, progress);
}

/** Path of one program, which is built when it is not there. */
export async function binary(program: AnyProgram, progress: Progress): Promise<string> {
  return await goProgram({ name: program, command: ['build'], ...sourceOf(program), cache }, progress);
}

/** What is built: the folder of a Go module, and the package of it or of one that it requires. */
export interface GoSource {
  readonly folder: string;
  readonly source: string;
}

/** Of all programs. */
export function goSources(): readonly GoSource[] {
  return (Object.keys(PROGRAMS) as AnyProgram[]).map(sourceOf);
}

function sourceOf(program: AnyProgram): GoSource {
  const [module, source] = PROGRAMS[program];
  return { folder: join(import.meta.dirname, 'go', module), source };
}

/** A program that is built from a Go module of this repository. */
export interface GoProgram extends GoSource {
  readonly name: string;
  /** Of `go`: `build`, or `test -c` for the tests of a package. */
  readonly command: readonly ['build'] | readonly ['test', '-c'];
  /** Where it is kept, under its name and a hash of the module. */
  readonly cache: string;
}

/** Path of a program, which is built when it is not there. */
export async function goProgram(program: GoProgram, progress: Progress): Promise<string> {
  const path = join(program.cache, `${program.name}-${hashOf(program.folder)}`);
  await mkdir(program.cache, { recursive: true });
  const building = async () => {
    if (existsSync(path)) return path;
    const release = await fileLock(`${path}.lock`);
    if (release === undefined) return undefined;
    await build(program, path, progress).finally(release);
    return path;
  };
  return until(`${program.name} is built`, building, BUILDING_MS);
}

async function build(
  { name, command, folder, source }: GoProgram,
  path: string,
  progress: Progress,
): Promise<void> {
  if (existsSync(path)) return;
  const began = performance.now();
  progress(`${name}: building with Go; this takes minutes the first time`);
  // Reproducible and small: no debug information, no paths of this machine.
  await go(
    [
      ...command,
      '-mod=readonly',
      '-trimpath',
      '-buildvcs=false',
      '-ldflags=-s -w',
      '-o',
      `${path}.new`,
      source,
    ],
    { cwd: folder, progress: line => progress(`${name}: ${line}`) },
  );
  await rename(`${path}.new`, path);
  progress(`${name}: built in ${Math.round((performance.now() - began) / 1000)} s`);
}

/** Folder of a Go module in the module cache; it is downloaded when it is not there, and checked against the checksum database. */
export async function goModule(module: string, progress: Progress): Promise<string> {
  // Outside of any module: its version does not depend on another's.
  const text = await go(['mod', 'download', '-json', module], { cwd: cache, progress });
  const { Dir } = JSON.parse(text) as { Dir: string };
  return Dir;
}

/** Standard output. A build is the one thing here that can be hours of CPU: others go first. */
async function go(args: string[], { cwd, progress }: { cwd: string; progress: Progress }): Promise<string> {
  const child = spawn('nice', ['-n', '19', 'go', ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.on('data', chunk => {
    output += chunk;
  });
  createInterface(child.stderr).on('line', line => {
    errors = `${errors}${line}\n`.slice(-4000);
    progress(line);
  });
  const started = performance.now();
  const alive = setInterval(
    () => progress(`go ${args[0]} runs, ${Math.round((performance.now() - started) / 1000)} s`),
    30_000,
  );
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject).once('close', resolve);
    });
    if (code !== 0) throw new Error(`go ${args.join(' ')} ended with ${code}:\n${errors}`);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    throw new Error('The cluster lab is built with Go 1.26 or newer: install it from https://go.dev/dl/', {
      cause,
    });
  } finally {
    clearInterval(alive);
  }
  return output;
}

function hashOf(folder: string): string {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const file of globSync('**/*.{go,mod,sum}', { cwd: folder }).sort())
    hash.update(file).update(readFileSync(join(folder, file)));
  return hash.digest('hex').slice(0, 12);
}
