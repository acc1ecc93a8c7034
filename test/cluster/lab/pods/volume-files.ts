import type { VolumeFile } from './atomic-folder.ts';
import { downward, type PodAddresses } from './downward.ts';
import type { Texts } from './environment.ts';
import type { LabPod, Volume, VolumeFiles } from './pod.ts';

export interface VolumeSources {
  readonly pod: LabPod;
  readonly addresses: PodAddresses;
  readonly texts: Texts;
  /** @param audience the API server's own when there is none */
  readonly token: (audience: string | undefined, expirationSeconds: number) => Promise<string>;
}

/** Default of core/v1's `defaultMode`. */
const MODE = 0o644;

/** The files of a volume by their path; undefined: it has none that come from objects. Fails on what is not there and not optional. */
export async function filesOf(
  volume: Volume,
  sources: VolumeSources,
): Promise<ReadonlyMap<string, VolumeFile> | undefined> {
  const { configMap, secret, downwardAPI, projected } = volume;
  if (projected === undefined && configMap === undefined && secret === undefined && downwardAPI === undefined)
    return undefined;
  const files = new Map<string, VolumeFile>();
  if (projected === undefined) await add(volume, MODE, sources, files);
  for (const source of projected?.sources ?? [])
    await add(source, projected?.defaultMode ?? MODE, sources, files);
  return files;
}

async function add(
  source: VolumeFiles,
  defaultMode: number,
  { pod, addresses, texts, token }: VolumeSources,
  files: Map<string, VolumeFile>,
): Promise<void> {
  const { configMap, secret, downwardAPI, serviceAccountToken } = source;
  for (const [kind, from] of [
    ['ConfigMap', configMap],
    ['Secret', secret],
  ] as const) {
    if (from === undefined) continue;
    const name = ('secretName' in from ? from.secretName : from.name) ?? '';
    const { items, optional = false, defaultMode: mode = defaultMode } = from;
    const data = texts(kind, name);
    if (data === undefined && !optional) throw new Error(`${kind} ${name} not found`);
    const keys = items ?? Object.keys(data ?? {}).map(key => ({ key, path: key, mode }));
    for (const each of keys) {
      const value = data?.[each.key];
      if (value !== undefined) files.set(each.path, { data: value, mode: each.mode ?? mode });
      else if (!optional) throw new Error(`${kind} ${name} has no key ${each.key}`);
    }
  }
  for (const { path, mode, ...ref } of downwardAPI?.items ?? []) {
    const data = Buffer.from(downward(ref, pod, addresses));
    files.set(path, { data, mode: mode ?? downwardAPI?.defaultMode ?? defaultMode });
  }
  if (serviceAccountToken !== undefined) {
    const { audience, expirationSeconds = 3600, path } = serviceAccountToken;
    files.set(path, { data: Buffer.from(await token(audience, expirationSeconds)), mode: defaultMode });
  }
}
