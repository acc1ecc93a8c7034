import { z } from 'zod';
import { stringMap } from '../common-schemas.ts';
import { knownFields } from '../known-fields.ts';
import { kubeObject, labelName } from '../kube-object.ts';
import { rule } from '../schema-rules.ts';

/** Standard base64 (RFC 4648, section 4) with padding, as Go decodes it: line breaks are passed over. */
function isBase64(text: string): boolean {
  const plain = text.replaceAll(/[\r\n]/g, '');
  return plain.length % 4 === 0 && !/[^A-Za-z0-9+/]/.test(plain.replace(/={1,2}$/, ''));
}

const base64Map = z.record(z.string(), z.string().check(rule('illegal base64 data', isBase64)));

/** v1 ConfigMap */
export const configMapSchema = kubeObject({
  data: stringMap.optional(),
  binaryData: base64Map.optional(),
  immutable: z.boolean().optional(),
});

/** v1 Secret: `data` in base64, `stringData` as it is. */
export const secretSchema = kubeObject({
  type: z.string().default('Opaque'),
  data: base64Map.optional(),
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

/** v1 Node, as far as it says where its ports are reached. */
export const nodeSchema = kubeObject({
  spec: z.looseObject({}).optional(),
  status: knownFields(
    { addresses: z.array(z.strictObject({ type: z.string(), address: z.string() })).optional() },
    'capacity allocatable phase conditions daemonEndpoints nodeInfo images volumesInUse volumesAttached config runtimeHandlers features declaredFeatures',
  ).optional(),
});

export type ConfigMap = z.input<typeof configMapSchema>;
export type Secret = z.input<typeof secretSchema>;
export type ServiceAccount = z.input<typeof serviceAccountSchema>;
export type Namespace = z.input<typeof namespaceSchema>;
export type Node = z.input<typeof nodeSchema>;
