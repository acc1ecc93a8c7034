import { z } from 'zod';
import { kubeObject } from './kube-object.ts';

const poolRef = (group: string) =>
  z.strictObject({
    group: z.string().default(group),
    kind: z.string().default('InferencePool'),
    name: z.string().min(1).max(253),
  });

/** inference.networking.x-k8s.io/v1alpha2 InferenceModel */
export const inferenceModelSchema = kubeObject({
  spec: z.strictObject({
    modelName: z.string().min(1).max(256),
    criticality: z.enum(['Critical', 'Standard', 'Sheddable']).optional(),
    targetModels: z
      .array(
        z.strictObject({
          name: z.string().min(1).max(253),
          weight: z.int().min(1).max(1_000_000).optional(),
        }),
      )
      .max(10)
      .optional(),
    poolRef: poolRef('inference.networking.x-k8s.io'),
  }),
});

/** inference.networking.x-k8s.io/v1alpha2 InferenceObjective */
export const inferenceObjectiveSchema = kubeObject({
  spec: z.strictObject({
    priority: z.int().optional(),
    poolRef: poolRef('inference.networking.k8s.io'),
  }),
});

export type InferenceModel = z.input<typeof inferenceModelSchema>;
export type InferenceObjective = z.input<typeof inferenceObjectiveSchema>;
