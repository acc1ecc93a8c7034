import { z } from 'zod';

export const stringMap = z.record(z.string(), z.string());
export const portNumber = z.int().min(1).max(65_535);

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Gateway API Group, Kind, ObjectName, Namespace, SectionName; the same in the CRDs of the other projects. */
export const group = z
  .string()
  .max(253)
  .regex(/^$|^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);
export const kind = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$/);
export const objectName = z.string().min(1).max(253);
export const namespaceName = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
export const sectionName = z.string().min(1).max(253).regex(SUBDOMAIN);

/** The values of labels in selectors of the Inference Extension and in Gateway API's infrastructure labels. */
export const labelValue = z
  .string()
  .max(63)
  .regex(/^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/);

/** Gateway API Duration (GEP-2257). */
export const duration = z.string().regex(/^([0-9]{1,5}(h|m|s|ms)){1,4}$/);

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
export const preciseHostname = z.string().min(1).max(253).regex(SUBDOMAIN);

/** A reference to one object of the same namespace. */
export const localObject = { group, kind, name: objectName };
