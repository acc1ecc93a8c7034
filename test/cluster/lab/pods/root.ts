import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import type { SecurityContext } from './pod.ts';
import type { Mount } from './volumes.ts';

export interface ContainerRoot {
  /** An empty folder of this machine, where it is mounted. */
  readonly folder: string;
  readonly hostname: string;
  readonly mounts: readonly Mount[];
  /** Text by path in the container. */
  readonly files: Readonly<Record<string, string>>;
  /** Command of this machine by path in the container. */
  readonly programs: Readonly<Record<string, readonly string[]>>;
  readonly workingDir: string;
  readonly user: number;
  readonly group: number;
  readonly security: SecurityContext;
}

/** PATH of an image that says none. */
export const IMAGE_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What a container must find at its own path, wherever this machine has it. */
const NEEDED = [process.execPath, join(import.meta.dirname, '../../../..')];
/** Empty in an image, with their modes. */
const OWN_FOLDERS = { '/run': '755', '/tmp': '1777' };

/**
 * A command that runs another one as a container would: with a file system of its own, which is this machine's with another one on
 * top, where the Pod's volumes are mounted. It stays one process, so that it can be signalled, and ends with its parent.
 */
export function containerCommand(root: ContainerRoot, command: readonly string[]): [string, ...string[]] {
  const script = scriptOf(root, command);
  return ['unshare', '--mount', '--uts', '--ipc', '--propagation', 'private', 'sh', '-c', script];
}

/** How a process is started that belongs to the container: user, rights. */
export function asUser({ user, group, security, workingDir }: ContainerRoot): string[] {
  const { capabilities, allowPrivilegeEscalation } = security;
  const mayNothing = capabilities?.drop?.includes('ALL') === true;
  const rights = ['-all', ...(capabilities?.add ?? []).map(name => `+${name.toLowerCase()}`)];
  return [
    'setpriv',
    '--pdeathsig',
    'KILL',
    ...(user === 0 && group === 0 ? [] : ['--reuid', `${user}`, '--regid', `${group}`]),
    ...(user === 0 && group === 0 ? [] : groups(security)),
    ...(mayNothing ? [`--bounding-set=${rights.join(',')}`, '--inh-caps=-all'] : []),
    ...(allowPrivilegeEscalation === false ? ['--no-new-privs'] : []),
    '--',
    'env',
    `--chdir=${workingDir}`,
  ];
}

function groups({ fsGroup }: SecurityContext): string[] {
  return fsGroup === undefined ? ['--clear-groups'] : ['--groups', `${fsGroup}`];
}

function scriptOf(root: ContainerRoot, command: readonly string[]): string {
  const inside = (path: string) => join(root.folder, 'root', resolved(path));
  const programs = Object.values(root.programs).map(([program = '']) => program);
  const needed = [...NEEDED, ...programs.filter(isAbsolute)].map(path => realpathSync(path));
  const kept = hidden(needed, [
    ...Object.keys(OWN_FOLDERS),
    ...root.mounts.map(({ target }) => resolved(target)),
  ]);
  const lines = [
    'set -e',
    `mount -t tmpfs tmpfs ${quoted(root.folder)}`,
    `cd ${quoted(root.folder)}`,
    'mkdir upper work root kept',
    'mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work root',
    ...['proc', 'dev', 'sys'].map(name => `mount --rbind /${name} root/${name}`),
    // Not this machine's: Envoys have files there that others must not have.
    'mount -t tmpfs -o mode=1777 tmpfs root/dev/shm',
    ...passages(needed).map(path => `chmod a+x ${quoted(join('root', path))}`),
    ...kept.flatMap((path, at) => bindLines(join('root', path), `kept/${at}`)),
    ...Object.entries(OWN_FOLDERS).map(([path, mode]) => `mount -t tmpfs -o mode=${mode} tmpfs root${path}`),
    `hostname ${quoted(root.hostname)}`,
    ...Object.entries(root.files).flatMap(([path, text]) => fileLines(inside(path), text, '644')),
    ...Object.entries(root.programs).flatMap(([path, program]) => {
      const text = `#!/bin/sh\nexec ${program.map(quoted).join(' ')} "$@"\n`;
      return fileLines(inside(path), text, '755');
    }),
    `mkdir -p ${quoted(inside(root.workingDir))}`,
    ...root.mounts.flatMap(mount => mountLines(mount, inside(mount.target))),
    ...kept.flatMap((path, at) => bindLines(`kept/${at}`, join('root', path))),
    ...(root.security.readOnlyRootFilesystem === true ? ['mount -o remount,ro root'] : []),
  ];
  const run = ['chroot', 'root', ...asUser(root), ...command];
  return `${lines.join('\n')}\nexec ${run.map(quoted).join(' ')}\n`;
}

/** Folders on the way to what is needed, and itself, where only their owner may pass: a checkout of root's is there for every user. */
function passages(needed: readonly string[]): readonly string[] {
  const found = new Set<string>();
  for (const path of needed)
    for (let at = path; at !== '/'; at = dirname(at)) if ((statSync(at).mode & 1) === 0) found.add(at);
  return [...found];
}

/** What is needed and would be hidden by something that is mounted above it: a checkout in `/tmp`, where a Pod has a volume. */
function hidden(needed: readonly string[], mounted: readonly string[]): readonly string[] {
  const found = needed.filter(path => mounted.some(above => isBelow(path, above)));
  return [...new Set(found)].filter(path => !found.some(other => isBelow(path, other)));
}

function isBelow(path: string, above: string): boolean {
  return path.startsWith(`${above}/`);
}

function fileLines(path: string, text: string, mode: string): string[] {
  return [
    `mkdir -p ${quoted(dirname(path))}`,
    `rm -f ${quoted(path)}`,
    `printf %s ${quoted(text)} > ${quoted(path)}`,
    `chmod ${mode} ${quoted(path)}`,
  ];
}

function mountLines({ source, readOnly }: Mount, target: string): string[] {
  return [...bindLines(source, target), ...(readOnly ? [`mount -o remount,bind,ro ${quoted(target)}`] : [])];
}

/** The target is made where it is missing: a folder or a file, as the source. */
function bindLines(source: string, target: string): string[] {
  const [from, to] = [quoted(source), quoted(target)];
  return [
    `if [ -d ${from} ]; then mkdir -p ${to}; else mkdir -p ${quoted(dirname(target))}; : >> ${to}; fi`,
    `mount --bind ${from} ${to}`,
  ];
}

/** Links of this machine (`/var/run`) would lead out of the container's root: a path without them. */
function resolved(path: string): string {
  let at = path;
  while (!existsSync(at)) at = dirname(at);
  return join(realpathSync(at), relative(at, path));
}

/** For a POSIX shell. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
