import { z } from 'zod';
import { localObject, preciseHostname, secretRef, wellKnownCertificates } from '../common-schemas.ts';
import { rule } from '../schema-rules.ts';

const VERSIONS = ['Auto', '1.0', '1.1', '1.2', '1.3'] as const;
const version = z.enum(VERSIONS);
const names = z.array(z.string()).optional();

/** `Auto` is the lowest as a minimum, the highest as a maximum; what is not said is 1.2. */
function isOrdered(
  minimum: (typeof VERSIONS)[number] = '1.2',
  maximum: (typeof VERSIONS)[number] = 'Auto',
): boolean {
  return maximum === 'Auto' || VERSIONS.indexOf(minimum) <= VERSIONS.indexOf(maximum);
}

interface Authorities {
  caCertificateRefs?: unknown[] | undefined;
  wellKnownCACertificates?: string | undefined;
  insecureSkipVerify?: boolean | undefined;
}

const hasRefs = ({ caCertificateRefs = [] }: Authorities) => caCertificateRefs.length > 0;
const hasKnown = ({ wellKnownCACertificates = '' }: Authorities) => wellKnownCACertificates !== '';

/** What a Backend's and an EnvoyProxy's have in common. */
export const tlsSettings = {
  alpnProtocols: names,
  ciphers: names,
  clientCertificateRef: secretRef.optional(),
  ecdhCurves: names,
  fingerprints: z.array(z.enum(['JA3', 'JA4'])).optional(),
  maxVersion: version.optional(),
  minVersion: version.optional(),
  signatureAlgorithms: names,
};

interface Versions {
  minVersion?: (typeof VERSIONS)[number] | undefined;
  maxVersion?: (typeof VERSIONS)[number] | undefined;
  ciphers?: string[] | undefined;
}

export const isOrderedVersions = [
  rule<Versions>(
    'setting ciphers has no effect if the minimum possible TLS version is 1.3',
    tls => tls.minVersion !== '1.3' || tls.ciphers === undefined,
  ),
  rule<Versions>('minVersion must be smaller or equal to maxVersion', tls =>
    isOrdered(tls.minVersion, tls.maxVersion),
  ),
];

/** BackendTLSSettings of Envoy Gateway's Backend, with the rules of its CRD. */
export const backendTls = z
  .strictObject({
    ...tlsSettings,
    autoSNIFromEndpointHostname: z.boolean().optional(),
    caCertificateRefs: z.array(z.strictObject(localObject)).max(8).optional(),
    insecureSkipVerify: z.boolean().default(false),
    sni: preciseHostname.optional(),
    wellKnownCACertificates: wellKnownCertificates.optional(),
  })
  .check(
    rule<Authorities>(
      'must not contain both CACertificateRefs and WellKnownCACertificates',
      tls => !hasRefs(tls) || !hasKnown(tls),
    ),
    rule<Authorities>(
      'must not contain either CACertificateRefs or WellKnownCACertificates when InsecureSkipVerify is enabled',
      tls => tls.insecureSkipVerify !== true || (!hasRefs(tls) && !hasKnown(tls)),
    ),
    rule(
      'sni and autoSNIFromEndpointHostname are mutually exclusive',
      tls => tls.sni === undefined || tls.autoSNIFromEndpointHostname !== true,
    ),
    ...isOrderedVersions,
  );
