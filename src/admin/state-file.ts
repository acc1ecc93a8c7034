import { randomBytes } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';

/** What a running `breakwater up` writes down, so that other commands of the same user find it. */
export interface RunningServer {
  readonly pid: number;
  /** Of the admin API, `http://127.0.0.1:19000`. */
  readonly url: string;
  /** Bearer token for what changes something. */
  readonly token: string;
  /** The folder it was started in, with symbolic links resolved. */
  readonly cwd: string;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
  readonly version: string;
}

/**
 * `$XDG_RUNTIME_DIR/breakwater`, else `~/.breakwater/run`, else a folder of the user below the temporary one: the first that
 * is there or can be made, so that a home that is read-only keeps nobody from starting.
 */
export function stateFolder(env: NodeJS.ProcessEnv = process.env): string {
  const runtime = env['XDG_RUNTIME_DIR'];
  const home = env['HOME'] ?? homeOfUser();
  const candidates = [
    ...(runtime !== undefined && existsSync(runtime) ? [join(runtime, 'breakwater')] : []),
    ...(home !== '' && existsSync(home) ? [join(home, '.breakwater', 'run')] : []),
  ];
  return candidates.find(canBeWritten) ?? join(tmpdir(), `breakwater-${ownUid()}`);
}

/** '' for a user that the system does not know, as in the image: it has neither a name nor a home. */
function homeOfUser(): string {
  try {
    return homedir();
  } catch {
    return '';
  }
}

/** os.userInfo() throws for a user without an entry in passwd(5). */
function ownUid(): number {
  return process.getuid?.() ?? userInfo().uid;
}

function canBeWritten(folder: string): boolean {
  try {
    makeFolder(folder);
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** As mkdir -p; mkdirSync's own `recursive` never ends where a folder is there that takes no other (/proc). */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another process made it meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

export function newToken(): string {
  return randomBytes(24).toString('base64url');
}

/**
 * Writes the file, readable by its owner only. Returns what removes it again.
 * @throws Error when it cannot be written, or somebody else owns the folder
 */
export function writeStateFile(server: RunningServer, folder: string = stateFolder()): () => void {
  makeFolder(folder);
  // Its owner could put a server in this one's place, which would be sent tokens.
  if (statSync(folder).uid !== ownUid()) throw new Error(`${folder} belongs to another user`);
  chmodSync(folder, 0o700);
  const path = join(folder, `${server.pid}.json`);
  // Renamed into place: a reader never sees half a file.
  const draft = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(draft, `${JSON.stringify(server)}\n`, { mode: 0o600 });
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  return () => rmSync(path, { force: true });
}

/** The servers that run, best first: those started in `cwd`, the newest first in each group. Stale files are removed. */
export function findServers(
  cwd: string,
  folder: string = stateFolder(),
  isAlive: (pid: number) => boolean = processIsAlive,
): RunningServer[] {
  const here = resolved(cwd);
  return stateFiles(folder)
    .flatMap(path => {
      const server = readStateFile(path);
      if (server !== undefined && isAlive(server.pid)) return [server];
      rmSync(path, { force: true });
      return [];
    })
    .sort(
      (a, b) =>
        Number(b.cwd === here) - Number(a.cwd === here) || b.startedAtMs - a.startedAtMs || b.pid - a.pid,
    );
}

function stateFiles(folder: string): string[] {
  try {
    // A folder that somebody else owns could name a server that takes our token.
    if (statSync(folder).uid !== ownUid()) return [];
    return readdirSync(folder)
      .filter(name => name.endsWith('.json'))
      .map(name => join(folder, name));
  } catch {
    return [];
  }
}

function readStateFile(path: string): RunningServer | undefined {
  try {
    const server = JSON.parse(readFileSync(path, 'utf8')) as Partial<RunningServer>;
    const { pid, url, token, cwd, startedAtMs, version } = server;
    if (typeof pid !== 'number' || typeof url !== 'string' || typeof token !== 'string') return undefined;
    return { pid, url, token, cwd: cwd ?? '', startedAtMs: startedAtMs ?? 0, version: version ?? '' };
  } catch {
    return undefined;
  }
}

function processIsAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

export function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
