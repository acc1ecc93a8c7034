import { z } from 'zod';
import { rule } from './schema-rules.ts';

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

/** `format: int32`, which an API server checks. */
export const int32 = z.int32();

/** A share as a fraction, of a hundred when nothing else is said. */
export const fraction = z
  .strictObject({ numerator: int32.min(0), denominator: int32.min(1).default(100) })
  .check(
    rule('numerator must be less than or equal to denominator', each => each.numerator <= each.denominator),
  );

/** A resource.Quantity that Envoy Gateway's CRDs narrow down to whole multiples: bytes. */
export const byteCount = z.union([z.int(), z.string().regex(/^[1-9]+[0-9]*([EPTGMK]i|[EPTGMk])?$/)]);

/** GatewayTLSConfig.options, BackendTLSPolicySpec.options */
export const tlsOptions = z
  .record(z.string(), z.string().max(4096))
  .check(rule('must have at most 16 properties', options => Object.keys(options).length <= 16));

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
        // What it may be is no matter of the CRDs: `selectorProblem` of src/translate says what an API server cannot parse.
        operator: z.string(),
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

/** SecretObjectReference */
export const secretRef = z.strictObject({
  group: group.default(''),
  kind: kind.default('Secret'),
  name: objectName,
  namespace: namespaceName.optional(),
});

/** WellKnownCACertificatesType */
export const wellKnownCertificates = z
  .string()
  .min(1)
  .max(253)
  .regex(
    /^(System|([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]))$/,
  );
