import { z } from 'zod';
import { group, kind, objectName } from '../common-schemas.ts';
import { kubeObject } from '../kube-object.ts';
import { rule } from '../schema-rules.ts';

const poolRef = (defaultGroup: string) =>
  z.strictObject({
    group: group.default(defaultGroup),
    kind: kind.default('InferencePool'),
    name: objectName,
  });

const targetModel = z.strictObject({
  name: z.string().min(1).max(253),
  weight: z.int().min(1).max(1_000_000).optional(),
});

/** inference.networking.x-k8s.io/v1alpha2 InferenceModel */
export const inferenceModelSchema = kubeObject({
  spec: z.strictObject({
    modelName: z.string().min(1).max(256),
    criticality: z.enum(['Critical', 'Standard', 'Sheddable']).optional(),
    targetModels: z
      .array(targetModel)
      .max(10)
      .check(
        rule(
          'Weights should be set for all models, or none of the models.',
          models => new Set(models.map(model => model.weight === undefined)).size < 2,
          models => [models.findIndex(model => model.weight === undefined)],
        ),
      )
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
