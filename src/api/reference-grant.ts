import { z } from 'zod';
import { kubeObject } from './kube-object.ts';

/** gateway.networking.k8s.io/v1 and v1beta1 ReferenceGrant */
export const referenceGrantSchema = kubeObject({
  spec: z.strictObject({
    from: z
      .array(z.strictObject({ group: z.string(), kind: z.string(), namespace: z.string() }))
      .min(1)
      .max(16),
    to: z
      .array(z.strictObject({ group: z.string(), kind: z.string(), name: z.string().optional() }))
      .min(1)
      .max(16),
  }),
});

export type ReferenceGrant = z.input<typeof referenceGrantSchema>;
