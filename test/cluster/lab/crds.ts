import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { goModule, type Progress } from './binaries.ts';

export type CrdGroup =
  | 'gateway-api'
  | 'gateway-api-experimental'
  | 'gateway-api-v1.4'
  | 'inference'
  | 'inference-v1.0'
  | 'inference-v1alpha2'
  | 'envoy-gateway';

export const SOURCES: Readonly<Record<CrdGroup, { readonly module: string; readonly folder: string }>> = {
  'gateway-api': { module: 'sigs.k8s.io/gateway-api@v1.6.3', folder: 'config/crd/standard' },
  /** All of the standard channel, with more fields. */
  'gateway-api-experimental': {
    module: 'sigs.k8s.io/gateway-api@v1.6.3',
    folder: 'config/crd/experimental',
  },
  /** What v1.0 of the Inference Extension is for. */
  'gateway-api-v1.4': {
    module: 'sigs.k8s.io/gateway-api@v1.4.0',
    folder: 'config/crd/experimental',
  },
  inference: {
    module: 'sigs.k8s.io/gateway-api-inference-extension@v1.5.0',
    folder: 'config/crd/bases',
  },
  /** The first with a v1 pool; its status has fewer fields. */
  'inference-v1.0': {
    module: 'sigs.k8s.io/gateway-api-inference-extension@v1.0.2',
    folder: 'config/crd/bases',
  },
  /** InferencePool and InferenceModel of the page; another API group than the pool of v1. */
  'inference-v1alpha2': {
    module: 'sigs.k8s.io/gateway-api-inference-extension@v0.5.1',
    folder: 'config/crd/bases',
  },
  'envoy-gateway': {
    module: 'github.com/envoyproxy/gateway@v1.9.1',
    folder: 'charts/gateway-crds-helm/templates/generated',
  },
};

/** What a lab has unless it is told otherwise. */
export const CRD_GROUPS: readonly CrdGroup[] = [
  'gateway-api',
  'inference',
  'inference-v1alpha2',
  'envoy-gateway',
];

/** The objects of a release's CRD folder: CRDs, and policies of admission where it has some. */
export async function crdObjects(group: CrdGroup, progress: Progress): Promise<object[]> {
  const { module, folder } = SOURCES[group];
  const path = join(await goModule(module, progress), folder);
  return globSync('*_*.yaml', { cwd: path })
    .sort()
    .flatMap(file => {
      // Of Helm's templates, lines of their own that say whether the file is wanted.
      const text = readFileSync(join(path, file), 'utf8').replaceAll(/^\{\{.*\}\}\n?/gm, '');
      return text
        .split(/^---$/m)
        .map(document => parse(document) as object | null)
        .filter(object => object !== null);
    });
}
