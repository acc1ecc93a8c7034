import type { KeyPair } from '../../wire/x509/certificate.ts';
import { type Authority, issue, problemOf, trustBundle } from './authority.ts';
import type { SecretText } from './control-plane.ts';
import type { CertificateTimes } from './life.ts';

/** What the certificate of a Gateway's Envoys says of them: they may not ask for what is another Gateway's. @param gateway `NAMESPACE/NAME` */
export function gatewayUri(gateway: string): string {
  const [namespace, name] = gateway.split('/');
  return `spiffe://breakwater/ns/${namespace}/gateway/${name}`;
}

/** What the Secret of a Gateway's Envoys is to hold now. @param text what it holds; undefined: there is none */
export function gatewaySecretText(
  gateway: string,
  text: SecretText | undefined,
  authority: Authority,
  nowMs: number,
  times: CertificateTimes,
): { readonly 'ca.crt': string; readonly 'tls.crt': string; readonly 'tls.key': string } {
  const uri = gatewayUri(gateway);
  const found = { cert: text?.['tls.crt'] ?? '', key: text?.['tls.key'] ?? '' };
  const request = { commonName: 'envoy', usage: 'client', uris: [uri] } as const;
  const pair: KeyPair =
    problemOf(found, `URI:${uri}`, authority, nowMs) === undefined
      ? found
      : issue(authority, request, nowMs, times);
  return { 'ca.crt': trustBundle(authority), 'tls.crt': pair.cert, 'tls.key': pair.key };
}
