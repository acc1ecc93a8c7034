import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { seed, Up, Workplace } from './cli-process.ts';

const workplace = new Workplace();
after(() => workplace.close());

const isRoot = process.getuid?.() === 0;
const asRoot = isRoot ? {} : { skip: 'needs root, for another user' };
const bin = new URL('../../bin/breakwater.js', import.meta.url).pathname;
/** A user that passwd(5) has no entry for, as in the image. */
const NOBODY = 4242;
const POOL = ['--pool', 'default/vllm-llama2-7b-pool', '--secure-serving=false'];
const FREE = ['--grpc-port', '0', '--grpc-health-port', '0', '--metrics-port', '0'];

async function taken() {
  const server = createServer();
  await once(server.listen(0, '0.0.0.0'), 'listening');
  const { port } = server.address() as { port: number };
  return { port: String(port), close: () => server.close() };
}

for (const flag of ['--grpc-port', '--grpc-health-port', '--metrics-port'])
  test(`picker: ${flag} that is taken ends it with its name and code 1`, async () => {
    const other = await taken();
    try {
      const args = ['picker', '-f', seed, ...POOL, ...FREE, flag, other.port, '--address', '127.0.0.1'];
      const { code, stderr } = await workplace.run(args);
      assert.equal(code, 1);
      assert.match(stderr, new RegExp(`127\\.0\\.0\\.1:${other.port}.*BW_ADDRESS_IN_USE`));
    } finally {
      other.close();
    }
  });

test('up: an admin address that is taken ends it, with the data plane that runs already', async () => {
  const other = await taken();
  try {
    const { code, stderr } = await workplace.run([
      ...['up', '-f', seed, '--admin-address', `127.0.0.1:${other.port}`, '--port-offset', '20000'],
    ]);
    assert.equal(code, 1);
    assert.match(stderr, /--admin-address .*BW_ADDRESS_IN_USE/);
  } finally {
    other.close();
  }
});

test('simulate: a port that is taken ends it with its name and code 1', async () => {
  const other = await taken();
  try {
    const { code, stderr } = await workplace.run([
      ...['simulate', '--address', '127.0.0.1', '--port', other.port],
      ...['--', 'vllm', 'serve', 'meta-llama/Llama-3.1-8B-Instruct'],
    ]);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`127\\.0\\.0\\.1:${other.port} is taken`));
  } finally {
    other.close();
  }
});

test('up: a home that is read-only is no reason to end, and its commands find it', async () => {
  const alone = new Workplace();
  const { HOME: _home, XDG_RUNTIME_DIR: _run, ...env } = alone.env;
  const home = join(alone.folder, 'home');
  mkdirSync(home, { mode: 0o555 });
  // Root may write where the mode says no: a mount of its own says it to all.
  const line = isRoot
    ? 'mount --bind "$HOME" "$HOME" && mount -o remount,ro,bind "$HOME"; exec "$0" "$@"'
    : 'exec "$0" "$@"';
  const command = ['sh', '-c', line, process.execPath, bin];
  const [program = '', ...args] = isRoot ? ['unshare', '-m', ...command] : command;
  const start = (more: readonly string[]) =>
    new Up(
      spawn(program, [...args, ...more], {
        env: { ...env, HOME: home, TMPDIR: alone.folder },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
  const up = start(upHere());
  try {
    await up.until(/Ctrl-C ends it\./);
    assert.doesNotMatch(up.output, /other commands do not find this server/);
    const found = start(['get', 'gateways', '-A']);
    assert.equal(await found.exited(), 0);
    assert.match(found.output, /example-gateway/);
  } finally {
    await up.kill();
    alone.close();
  }
});

test('up: manifests that may not be read end it', asRoot, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-unreadable-'));
  chmodSync(folder, 0o700);
  try {
    const { code, output } = await asNobody(['up', '-f', folder]);
    assert.equal(code, 1);
    assert.match(output, /may not be read.*BW_NO_MANIFESTS/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('up: a signal while it starts ends it at once', async () => {
  const { child } = workplace.start(['up', '-f', seed, '--port-offset', '20000']);
  child.kill('SIGTERM');
  const [code, signal] = await once(child, 'exit');
  assert.ok(signal === 'SIGTERM' || code === 0 || code === 143, `${code} ${signal}`);
});

test(
  'up: a user without an entry in passwd and without a home serves, and its commands find it',
  asRoot,
  async () => {
    const home = mkdtempSync(join(tmpdir(), 'breakwater-nobody-'));
    chmodSync(home, 0o755);
    const up = startAsNobody(['up', '-f', seed, '--port-offset', '20000', '--admin-address', '127.0.0.1:0']);
    try {
      await up.until(/Ctrl-C ends it\./);
      assert.doesNotMatch(up.output, /other commands do not find this server/);
      const { output } = await asNobody(['get', 'gateways', '-A']);
      assert.match(output, /example-gateway/);
    } finally {
      await up.kill();
      rmSync(home, { recursive: true });
    }
  },
);

test(
  'up: a full disk keeps the state file from being written, is said once, and ends nothing',
  asRoot,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'breakwater-full-'));
    const run = join(folder, 'run');
    mkdirSync(run);
    // Of its own mount namespace: the mount ends with it.
    const line = `mount -t tmpfs -o size=8k none ${run} && mkdir ${run}/breakwater && head -c 8192 /dev/zero > ${run}/full; exec "$0" "$@"`;
    const child = spawn('unshare', ['-m', 'sh', '-c', line, process.execPath, bin, ...upHere()], {
      env: { ...workplace.env, XDG_RUNTIME_DIR: run },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const up = new Up(child);
    try {
      await up.until(/other commands do not find this server[^\n]*ENOSPC/);
      await up.until(/Ctrl-C ends it\./);
      assert.equal(child.exitCode, null);
    } finally {
      await up.kill();
      rmSync(folder, { recursive: true });
    }
  },
);

/** `up` on ports that nobody has. */
function upHere(): string[] {
  return ['up', '-f', seed, '--port-offset', '20000', '--admin-address', '127.0.0.1:0'];
}

function startAsNobody(args: readonly string[]): Up {
  const { HOME: _home, XDG_RUNTIME_DIR: _run, ...env } = process.env;
  const user = ['--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups'];
  return new Up(
    spawn('setpriv', [...user, process.execPath, bin, ...args], {
      env: { ...env, npm_command: '' },
      cwd: '/',
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
}

async function asNobody(args: readonly string[]) {
  const run = startAsNobody(args);
  const code = await run.exited();
  return { code, output: run.output };
}

after(() => {
  if (isRoot) execFileSync('rm', ['-rf', join(tmpdir(), `breakwater-${NOBODY}`)]);
});
