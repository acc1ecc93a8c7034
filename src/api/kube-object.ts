import { z } from 'zod';

/** metadata.name of most kinds: a DNS subdomain (RFC 1123). */
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

const stringMap = z.record(z.string(), z.string());

/** meta/v1 ObjectMeta, as far as anything here reads or shows it; other fields are kept as they are. */
const metadata = z.looseObject({
  name: z.string().max(253).regex(SUBDOMAIN),
  namespace: z.string().optional(),
  labels: stringMap.optional(),
  annotations: stringMap.optional(),
  generation: z.number().optional(),
  uid: z.string().optional(),
  resourceVersion: z.string().optional(),
  creationTimestamp: z.string().optional(),
  deletionTimestamp: z.string().optional(),
});

/** What all objects of Kubernetes have in common. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: z.infer<typeof metadata>;
  readonly spec?: unknown;
  readonly status?: unknown;
}

/** Schema of a kind: its own fields with the common ones. Statuses are what controllers write: they are not checked. */
export function kubeObject<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject({
    apiVersion: z.string(),
    kind: z.string(),
    metadata,
    status: z.unknown().optional(),
    ...shape,
  });
}
