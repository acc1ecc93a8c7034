import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const scripts = fileURLToPath(new URL('../python', import.meta.url));
const PATIENCE_MS = 300_000;

/** Why the tests that need a Python do not run; false where they do. A machine with Node and npm alone is fine for the rest. */
export function pythonMissing(): string | false {
  const { status } = spawnSync('python3', ['-c', 'import venv, ensurepip']);
  return status === 0 ? false : 'the PyPI openai SDK needs python3 (3.10 or newer, with venv) in PATH';
}

/**
 * A Python with the packages of requirements.txt, in `.cache/` of the checkout; made once for each set of packages.
 * @returns its path
 */
export async function pythonWithPackages(): Promise<string> {
  const wanted = readFileSync(join(scripts, 'requirements.txt'), 'utf8');
  const folder = join(root, '.cache', 'python-clients');
  const python = join(folder, 'bin', 'python');
  // Written last: a set-up that was interrupted is begun again.
  const made = join(folder, 'requirements.txt');
  if (existsSync(made) && readFileSync(made, 'utf8') === wanted && existsSync(python)) return python;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await succeed('python3', ['-m', 'venv', folder]);
  await succeed(python, [
    '-m',
    'pip',
    'install',
    '-q',
    '--disable-pip-version-check',
    '-r',
    join(scripts, 'requirements.txt'),
  ]);
  writeFileSync(made, wanted);
  return python;
}

/** Runs a unittest module of test/clients/python. */
export async function runUnittest(
  module: string,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly code: number; readonly output: string }> {
  return run(await pythonWithPackages(), ['-m', 'unittest', '-v', module], env);
}

async function succeed(file: string, args: readonly string[]): Promise<void> {
  const { code, output } = await run(file, args, {});
  if (code !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${code}:\n${output}`);
}

function run(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise(resolve => {
    execFile(
      file,
      [...args],
      {
        cwd: scripts,
        env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...env },
        timeout: PATIENCE_MS,
        encoding: 'utf8',
      },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({
          code,
          output: `${stdout}${stderr}${error !== null && stderr === '' ? error.message : ''}`,
        });
      },
    );
  });
}
