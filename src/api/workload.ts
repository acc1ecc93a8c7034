import { z } from 'zod';
import { labelSelector, portNumber, stringMap } from './common.ts';
import { kubeObject } from './kube-object.ts';

// Pods have hundreds of fields: those that are read here are checked, the others are kept as they are.

const container = z.looseObject({
  name: z.string().min(1),
  image: z.string().optional(),
  command: z.array(z.string()).optional(),
  args: z.array(z.string()).optional(),
  env: z.array(z.looseObject({ name: z.string(), value: z.string().optional() })).optional(),
  ports: z
    .array(
      z.looseObject({
        name: z.string().optional(),
        containerPort: portNumber,
        protocol: z.enum(['TCP', 'UDP', 'SCTP']).default('TCP'),
      }),
    )
    .optional(),
  volumeMounts: z
    .array(z.looseObject({ name: z.string(), mountPath: z.string(), subPath: z.string().optional() }))
    .optional(),
});

const volume = z.looseObject({
  name: z.string(),
  configMap: z
    .looseObject({
      name: z.string().optional(),
      items: z.array(z.looseObject({ key: z.string(), path: z.string() })).optional(),
    })
    .optional(),
});

const podSpec = z.looseObject({
  containers: z.array(container).min(1),
  initContainers: z.array(container).optional(),
  volumes: z.array(volume).optional(),
  nodeName: z.string().optional(),
});

const podStatus = z.looseObject({
  phase: z.enum(['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown']).optional(),
  podIP: z.string().optional(),
  podIPs: z.array(z.looseObject({ ip: z.string() })).optional(),
  conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).optional(),
});

/** v1 Pod. Its status counts: a Pod with an address is a server that somebody else runs. */
export const podSchema = kubeObject({ spec: podSpec.optional(), status: podStatus.optional() });

/** apps/v1 Deployment */
export const deploymentSchema = kubeObject({
  spec: z.looseObject({
    replicas: z.int().min(0).default(1),
    selector: labelSelector,
    template: z.looseObject({
      metadata: z.looseObject({ labels: stringMap.optional(), annotations: stringMap.optional() }).optional(),
      spec: podSpec,
    }),
  }),
});

export type Pod = z.input<typeof podSchema>;
export type Deployment = z.input<typeof deploymentSchema>;
