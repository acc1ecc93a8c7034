import { z } from 'zod';
import { stringMap } from './common.ts';
import { kubeObject, labelName } from './kube-object.ts';

/** v1 ConfigMap */
export const configMapSchema = kubeObject({
  data: stringMap.optional(),
  binaryData: stringMap.optional(),
  immutable: z.boolean().optional(),
});

/** v1 Secret: `data` in base64, `stringData` as it is. */
export const secretSchema = kubeObject({
  type: z.string().default('Opaque'),
  data: stringMap.optional(),
  stringData: stringMap.optional(),
  immutable: z.boolean().optional(),
});

/** v1 ServiceAccount */
export const serviceAccountSchema = kubeObject({
  secrets: z.array(z.looseObject({})).optional(),
  imagePullSecrets: z.array(z.looseObject({})).optional(),
  automountServiceAccountToken: z.boolean().optional(),
});

/** v1 Namespace */
export const namespaceSchema = kubeObject(
  { spec: z.strictObject({ finalizers: z.array(z.string()).optional() }).optional() },
  labelName,
);

export type ConfigMap = z.input<typeof configMapSchema>;
export type Secret = z.input<typeof secretSchema>;
export type ServiceAccount = z.input<typeof serviceAccountSchema>;
export type Namespace = z.input<typeof namespaceSchema>;
