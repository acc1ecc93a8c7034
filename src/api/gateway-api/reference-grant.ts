import { z } from 'zod';
import { group, kind, namespaceName, objectName } from '../common-schemas.ts';
import { kubeObject } from '../kube-object.ts';

/** gateway.networking.k8s.io/v1 and v1beta1 ReferenceGrant */
export const referenceGrantSchema = kubeObject({
  spec: z.strictObject({
    from: z
      .array(z.strictObject({ group, kind, namespace: namespaceName }))
      .min(1)
      .max(16),
    to: z
      .array(z.strictObject({ group, kind, name: objectName.optional() }))
      .min(1)
      .max(16),
  }),
});

export type ReferenceGrant = z.input<typeof referenceGrantSchema>;
