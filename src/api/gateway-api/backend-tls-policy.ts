import { z } from 'zod';
import {
  hostname,
  localObject,
  preciseHostname,
  tlsOptions,
  wellKnownCertificates,
} from '../common-schemas.ts';
import { kubeObject } from '../kube-object.ts';
import { repeatedAt, rule } from '../schema-rules.ts';
import { targetRef } from './policy-target.ts';

type Target = z.output<typeof targetRef>;

const targetKey = ({ group, kind, name }: Target) => `${group}/${kind}/${name}`;

/** The first target that shares its object with another one for which `clash` holds; -1 if there is none. */
function clashAt(targets: readonly Target[], clash: (a: Target, b: Target) => boolean): number {
  return targets.findIndex(a => targets.some(b => a !== b && targetKey(a) === targetKey(b) && clash(a, b)));
}

const mixed = (a: Target, b: Target) => (a.sectionName === undefined) !== (b.sectionName === undefined);

const subjectAltName = z
  .strictObject({
    type: z.enum(['Hostname', 'URI']),
    hostname: hostname.optional(),
    uri: z
      .string()
      .min(1)
      .max(253)
      .regex(/^[^:/?#]+:\/\/[^/?#]*/)
      .optional(),
  })
  .check(
    ...(['Hostname', 'URI'] as const).flatMap(type => {
      const field = type === 'URI' ? 'uri' : 'hostname';
      return [
        rule<{ type: string; hostname?: string | undefined; uri?: string | undefined }>(
          `SubjectAltName element must contain ${type}, if Type is set to ${type}`,
          name => name.type !== type || name[field] !== undefined,
        ),
        rule<{ type: string; hostname?: string | undefined; uri?: string | undefined }>(
          `SubjectAltName element must not contain ${type}, if Type is not set to ${type}`,
          name => name.type === type || name[field] === undefined,
          () => [field],
        ),
      ];
    }),
  );

const validation = z
  .strictObject({
    caCertificateRefs: z.array(z.strictObject(localObject)).max(8).optional(),
    wellKnownCACertificates: wellKnownCertificates.optional(),
    hostname: preciseHostname,
    subjectAltNames: z.array(subjectAltName).max(5).optional(),
  })
  .check(
    rule(
      'must not contain both CACertificateRefs and WellKnownCACertificates',
      each => !(each.caCertificateRefs?.length && each.wellKnownCACertificates !== undefined),
    ),
    rule(
      'must specify either CACertificateRefs or WellKnownCACertificates',
      each => Boolean(each.caCertificateRefs?.length) || each.wellKnownCACertificates !== undefined,
    ),
  );

/** gateway.networking.k8s.io/v1 BackendTLSPolicy */
export const backendTlsPolicySchema = kubeObject({
  spec: z.strictObject({
    targetRefs: z
      .array(targetRef)
      .min(1)
      .max(16)
      .check(
        rule(
          'sectionName must be specified when targetRefs includes 2 or more references to the same target',
          all => clashAt(all, mixed) === -1,
          all => [clashAt(all, mixed)],
        ),
        rule(
          'sectionName must be unique when targetRefs includes 2 or more references to the same target',
          all => repeatedAt(all, each => `${targetKey(each)}/${each.sectionName ?? ''}`) === -1,
          all => [repeatedAt(all, each => `${targetKey(each)}/${each.sectionName ?? ''}`)],
        ),
      ),
    validation,
    options: tlsOptions.optional(),
  }),
});

export type BackendTLSPolicy = z.input<typeof backendTlsPolicySchema>;
