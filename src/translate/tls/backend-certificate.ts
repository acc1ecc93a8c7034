import type { Gateway } from '../../api/index.ts';
import type { Certificate } from '../../plan/index.ts';
import type { Conditions } from '../condition.ts';
import type { Context } from '../translation-context.ts';
import { type CertificateFailure, certificateOf } from './translate-certificate.ts';

/** What a Gateway shows to backends that ask for a certificate, or why it shows none. */
export type BackendCertificate = Certificate | CertificateFailure;

export function backendCertificateOf(context: Context, gateway: Gateway): BackendCertificate | undefined {
  const ref = gateway.spec.tls?.backend?.clientCertificateRef;
  if (ref === undefined) return undefined;
  const result = certificateOf(context, gateway, ref, 'Client certificate ref');
  if (!('certChainPem' in result)) {
    const path = ['spec', 'tls', 'backend', 'clientCertificateRef', result.field ?? 'name'];
    context.problems.error('certificate-unusable', gateway, path, result.message);
  }
  return result;
}

/** GatewayBackendTLS.clientCertificateRef: a reference that is no good does not keep the Gateway from serving. */
export function setResolvedRefs(conditions: Conditions, certificate: BackendCertificate | undefined): void {
  if (certificate === undefined) return;
  if ('certChainPem' in certificate) {
    conditions.set('ResolvedRefs', 'True', 'ResolvedRefs', 'Gateway references have been resolved');
    return;
  }
  const { reason, message } = certificate;
  const own = reason === 'RefNotPermitted' ? reason : 'InvalidClientCertificateRef';
  conditions.set('ResolvedRefs', 'False', own, message);
}

export function usable(certificate: BackendCertificate | undefined): Certificate | undefined {
  return certificate !== undefined && 'certChainPem' in certificate ? certificate : undefined;
}
