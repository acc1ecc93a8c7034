import { z } from 'zod';

export const stringMap = z.record(z.string(), z.string());
export const portNumber = z.int().min(1).max(65_535);

/** Gateway API Duration (GEP-2257). */
export const duration = z.string().regex(/^([0-9]{1,5}(h|m|s|ms)){1,4}$/);

/** apimachinery resource.Quantity: `32Ki`, `1G`, 4096. */
export const quantity = z.union([z.string(), z.number()]);

/** intstr.IntOrString */
export const intOrString = z.union([z.int(), z.string()]);

/** meta/v1 LabelSelector. */
export const labelSelector = z.strictObject({
  matchLabels: stringMap.optional(),
  matchExpressions: z
    .array(
      z.strictObject({
        key: z.string(),
        operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
        values: z.array(z.string()).optional(),
      }),
    )
    .optional(),
});

/** Gateway API Hostname: a DNS name, the first label may be `*`. */
export const hostname = z
  .string()
  .min(1)
  .max(253)
  .regex(/^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);

/** Host names without a wildcard. */
export const preciseHostname = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);
