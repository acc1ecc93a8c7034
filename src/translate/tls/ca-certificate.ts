import { X509Certificate } from 'node:crypto';
import { isReferencePermitted } from '../reference-permission.ts';
import type { Context } from '../translation-context.ts';
import { secretEntry } from './secret-entry.ts';

/** Who refers: its group, kind and namespace. */
interface From {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
}

interface CaReference {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string | undefined;
}

export interface CaFailure {
  readonly kind: 'unsupported' | 'not-permitted' | 'invalid';
  readonly message: string;
  /** The field of the reference that is to blame. */
  readonly field: 'kind' | 'namespace' | 'name';
}

/** Gateway API: the key of a ConfigMap that holds the bundle; Secrets are read alike, as in Envoy Gateway. */
const KEY = 'ca.crt';

/** The certificates that a reference to a CA leads to, in PEM. */
export function caCertificate(
  { set, grants }: Context,
  from: From,
  ref: CaReference,
): { readonly pem: string } | CaFailure {
  const { group, kind, name, namespace = from.namespace } = ref;
  if (group !== '' || (kind !== 'ConfigMap' && kind !== 'Secret')) {
    const message = `${group === '' ? '' : `${group}/`}${kind} ${name} is not supported, must be a ConfigMap or Secret.`;
    return { kind: 'unsupported', message, field: 'kind' };
  }
  const what = `${kind} ${namespace}/${name}`;
  if (!isReferencePermitted(from, { group, kind, namespace, name }, grants)) {
    const message = `Reference to ${what} not permitted by any ReferenceGrant.`;
    return { kind: 'not-permitted', message, field: 'namespace' };
  }
  const invalid = (why: string): CaFailure => ({
    kind: 'invalid',
    message: `${what} ${why}.`,
    field: 'name',
  });
  let pem: string | undefined;
  if (kind === 'ConfigMap') {
    const configMap = set.get('ConfigMap', namespace, name);
    if (configMap === undefined) return invalid('does not exist');
    pem = configMap.data?.[KEY];
  } else {
    const secret = set.get('Secret', namespace, name);
    if (secret === undefined) return invalid('does not exist');
    pem = secretEntry(secret, KEY);
  }
  if (!pem) return invalid(`must contain ${KEY}`);
  const error = bundleError(pem);
  return error === undefined ? { pem } : invalid(`must contain certificates in ${KEY}: ${error}`);
}

const BEGIN = '-----BEGIN CERTIFICATE-----';
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

function bundleError(pem: string): string | undefined {
  const certificates = pem.match(CERTIFICATE);
  if (certificates === null) return 'there are none in PEM';
  if (certificates.length !== pem.split(BEGIN).length - 1) return 'one of them has no end';
  try {
    for (const certificate of certificates) new X509Certificate(certificate);
  } catch (error) {
    return `unable to decode: ${error instanceof Error ? error.message : String(error)}`;
  }
  return undefined;
}
