import type { KeyPair } from '../x509/issue-certificate.ts';
import { type Authority, issue, problemOf, trustBundle } from './authority.ts';
import type { CertificateTimes } from './certificate-life.ts';
import type { SecretText } from './control-plane-certificates.ts';

/** Of a Secret of type kubernetes.io/tls, decoded. */
export type GatewaySecretText = Readonly<Record<'ca.crt' | 'tls.crt' | 'tls.key', string>>;

/** What the certificate of a Gateway's Envoys says of them: they may not ask for what is another Gateway's. @param gateway `NAMESPACE/NAME` */
export function gatewayUri(gateway: string): string {
  const [namespace, name] = gateway.split('/');
  return `spiffe://breakwater/ns/${namespace}/gateway/${name}`;
}

/**
 * What the Secret of a Gateway's Envoys is to hold now.
 * @param known what it holds, or may hold: the first that is good stays
 */
export function gatewaySecretText(
  gateway: string,
  known: readonly SecretText[],
  authority: Authority,
  nowMs: number,
  times: CertificateTimes,
): GatewaySecretText {
  const uri = gatewayUri(gateway);
  const request = { commonName: 'envoy', usage: 'client', uris: [uri] } as const;
  const pair: KeyPair =
    known
      .map(text => ({ cert: text['tls.crt'] ?? '', key: text['tls.key'] ?? '' }))
      .find(found => problemOf(found, `URI:${uri}`, authority, nowMs) === undefined) ??
    issue(authority, request, nowMs, times);
  return { 'ca.crt': trustBundle(authority), 'tls.crt': pair.cert, 'tls.key': pair.key };
}
