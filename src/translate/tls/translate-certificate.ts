import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { KubeObject, Secret } from '../../api/index.ts';
import type { Certificate } from '../../plan/index.ts';
import type { Conditions } from '../condition.ts';
import type { ListenerOwner, ListenerSpec } from '../listener/listener-owner.ts';
import type { FieldPath } from '../problem.ts';
import { isReferencePermitted } from '../reference-permission.ts';
import { type Context, GATEWAY_GROUP } from '../translation-context.ts';
import { secretEntry } from './secret-entry.ts';

export interface CertificateFailure {
  readonly reason: 'RefNotPermitted' | 'InvalidCertificateRef';
  readonly message: string;
  readonly field?: string;
}

/**
 * The certificates of an HTTPS listener. Without a usable one, ResolvedRefs is False and the listener is not served;
 * with some it is (Gateway API, ListenerTLSConfig.certificateRefs).
 */
export function certificatesOf(
  context: Context,
  owner: ListenerOwner,
  spec: ListenerSpec,
  index: number,
  conditions: Conditions,
  invalid: (path: FieldPath, message: string) => void,
): Certificate[] {
  const { tls } = spec;
  if (tls === undefined) {
    invalid(['tls'], 'Listener must have TLS set when protocol is HTTPS.');
    return [];
  }
  if ((tls.mode ?? 'Terminate') !== 'Terminate') {
    invalid(['tls', 'mode'], `TLS ${tls.mode} mode is not supported, TLS mode must be Terminate.`);
    return [];
  }
  const refs = tls.certificateRefs ?? [];
  if (refs.length === 0) {
    invalid(['tls', 'certificateRefs'], 'Listener must have at least 1 TLS certificate ref');
    return [];
  }

  const certificates: Certificate[] = [];
  const failures: CertificateFailure[] = [];
  for (const [refIndex, ref] of refs.entries()) {
    const result = certificateOf(context, owner, ref);
    if ('certChainPem' in result) {
      certificates.push(result);
      continue;
    }
    failures.push({ ...result, message: `certificate refs ${refIndex}: ${result.message}` });
    const field = result.field ?? 'name';
    const path = ['spec', 'listeners', index, 'tls', 'certificateRefs', refIndex, field];
    context.problems.error('certificate-unusable', owner, path, result.message);
  }
  report(conditions, certificates.length, failures);
  return certificates;
}

function report(conditions: Conditions, usable: number, failures: readonly CertificateFailure[]): void {
  if (failures.length === 0) return;
  const messages = failures.map(failure => failure.message).join('\n');
  if (usable > 0) {
    conditions.set(
      'ResolvedRefs',
      'False',
      'PartiallyInvalidCertificateRef',
      `Some secrets are invalid: ${messages}`,
    );
    return;
  }
  const reason = failures.every(failure => failure.reason === 'RefNotPermitted')
    ? 'RefNotPermitted'
    : 'InvalidCertificateRef';
  conditions.set('ResolvedRefs', 'False', reason, `No valid secrets exist: ${messages}`);
}

type CertificateRef = NonNullable<NonNullable<ListenerSpec['tls']>['certificateRefs']>[number];

/** The certificate of a Secret that a Gateway or ListenerSet refers to; what one is granted the other is not (GEP-1713). */
export function certificateOf(
  context: Context,
  owner: KubeObject,
  ref: CertificateRef,
  what = "Listener's TLS certificate ref",
): Certificate | CertificateFailure {
  const unusable = (message: string): CertificateFailure => ({ reason: 'InvalidCertificateRef', message });
  if (ref.group) return unusable(`${what} group must be unspecified/empty.`);
  if ((ref.kind ?? 'Secret') !== 'Secret') return unusable(`${what} kind must be Secret.`);

  const own = owner.metadata.namespace ?? '';
  const namespace = ref.namespace || own;
  const from = { group: GATEWAY_GROUP, kind: owner.kind, namespace: own };
  if (!isReferencePermitted(from, { group: '', kind: 'Secret', namespace, name: ref.name }, context.grants)) {
    const message = `Certificate ref to secret ${namespace}/${ref.name} not permitted by any ReferenceGrant.`;
    return { reason: 'RefNotPermitted', message, field: 'namespace' };
  }
  const secret: Secret | undefined = context.set.get('Secret', namespace, ref.name);
  if (secret === undefined) return unusable(`Secret ${namespace}/${ref.name} does not exist.`);
  if (secret.type !== 'kubernetes.io/tls') {
    return unusable(`Secret ${namespace}/${ref.name} must be of type kubernetes.io/tls.`);
  }
  const certChainPem = secretEntry(secret, 'tls.crt');
  const privateKeyPem = secretEntry(secret, 'tls.key');
  if (!certChainPem || !privateKeyPem) {
    return unusable(`Secret ${namespace}/${ref.name} must contain tls.crt and tls.key.`);
  }
  const error = pairError(secret, certChainPem, privateKeyPem) ?? envoyError(context, certChainPem);
  return error === undefined
    ? { certChainPem, privateKeyPem }
    : unusable(`Secret ${namespace}/${ref.name} must contain valid tls.crt and tls.key, ${error}.`);
}

/** By Secrets, which never change: of thousands, few are new in a translation. */
const pairErrors = new WeakMap<Secret, string | false>();

/** The whole chain is read as a plane would read it: a second block that is broken, or a key too short, is said here. */
function pairError(secret: Secret, certChainPem: string, privateKeyPem: string): string | undefined {
  let error = pairErrors.get(secret);
  if (error === undefined) {
    error = readPair(certChainPem, privateKeyPem) ?? false;
    pairErrors.set(secret, error);
  }
  return error || undefined;
}

function readPair(certChainPem: string, privateKeyPem: string): string | undefined {
  try {
    const certificate = new X509Certificate(certChainPem);
    if (!certificate.checkPrivateKey(createPrivateKey(privateKeyPem)))
      return 'the key is not the certificate’s';
    createSecureContext({ cert: certChainPem, key: privateKeyPem });
    return undefined;
  } catch (error) {
    return `unable to decode: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** What Envoy takes (source/common/tls/context_impl.cc, ContextImpl). */
const ENVOY_CURVES: ReadonlySet<string | undefined> = new Set(['prime256v1', 'secp384r1', 'secp521r1']);
const ENVOY_RSA_BITS = 2048;

function envoyError({ plane }: Context, certChainPem: string): string | undefined {
  if (plane !== 'envoy') return undefined;
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = new X509Certificate(certChainPem)
    .publicKey;
  const taken =
    (type === 'rsa' && (details?.modulusLength ?? 0) >= ENVOY_RSA_BITS) ||
    (type === 'ec' && ENVOY_CURVES.has(details?.namedCurve));
  return taken
    ? undefined
    : 'Envoy takes RSA keys of 2048 bits or more and ECDSA keys on P-256, P-384 and P-521';
}
