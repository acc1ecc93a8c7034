import type { Pod, ResourceSet } from '../api/index.ts';

type PodSpec = NonNullable<Pod['spec']>;
type Container = PodSpec['containers'][number];

export type PodFiles =
  | { readonly kind: 'files'; readonly files: ReadonlyMap<string, string> }
  /** A ConfigMap that is mounted and not optional is not there: kubelet would not start the container. */
  | { readonly kind: 'missing'; readonly configMap: string };

/** The files that a container gets from ConfigMaps, by their path. Core/v1 ConfigMapVolumeSource: `items` choose and rename. */
export function podFiles(set: ResourceSet, namespace: string, spec: PodSpec, container: Container): PodFiles {
  const files = new Map<string, string>();
  for (const { name, mountPath, subPath } of container.volumeMounts ?? []) {
    const source = spec.volumes?.find(volume => volume.name === name)?.configMap;
    if (source?.name === undefined) continue;
    const configMap = set.get('ConfigMap', namespace, source.name);
    if (configMap === undefined) {
      if (source['optional'] === true) continue;
      return { kind: 'missing', configMap: source.name };
    }
    const data = configMap.data ?? {};
    const items = source.items ?? Object.keys(data).map(key => ({ key, path: key }));
    for (const { key, path } of items) {
      const text = data[key];
      if (text === undefined || (subPath !== undefined && subPath !== path)) continue;
      files.set(subPath === undefined ? join(mountPath, path) : mountPath, text);
    }
  }
  return { kind: 'files', files };
}

function join(folder: string, file: string): string {
  return `${folder.replace(/\/+$/, '')}/${file}`;
}
