import { poolManifest } from '../../e2e/support/pool-manifest.ts';

export const MODEL = '/model/llama2';

export interface SimulatedPool {
  readonly replicas?: number;
  /** Of the model server's command line. */
  readonly flags?: readonly string[];
  readonly circuitBreaker?: Readonly<Record<string, unknown>>;
  readonly models?: readonly InferenceModelSpec[];
}

export interface InferenceModelSpec {
  readonly modelName: string;
  readonly criticality: 'Critical' | 'Standard' | 'Sheddable';
  readonly targetModels?: readonly { readonly name: string; readonly weight: number }[];
}

/** Manifests of one pool whose model servers are a Deployment of vLLM, which this machine simulates. */
export function simulatedPool({
  replicas = 1,
  flags = [],
  circuitBreaker = {},
  models = [],
}: SimulatedPool): string {
  const labels = { app: 'model' };
  const objects = [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'model' },
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            containers: [
              {
                name: 'vllm',
                image: 'vllm/vllm-openai',
                command: ['python3', '-m', 'vllm.entrypoints.openai.api_server'],
                args: ['--model', MODEL, '--port', '8000', ...flags],
              },
            ],
          },
        },
      },
    },
    ...models.map((spec, i) => ({
      apiVersion: 'inference.networking.x-k8s.io/v1alpha2',
      kind: 'InferenceModel',
      metadata: { name: `model-${i}` },
      spec: {
        ...spec,
        poolRef: { group: 'inference.networking.k8s.io', kind: 'InferencePool', name: 'pool' },
      },
    })),
  ];
  return [poolManifest([], circuitBreaker), ...objects.map(object => JSON.stringify(object))].join('\n---\n');
}
