import { X509Certificate } from 'node:crypto';
import type { KeyPair } from '../x509/issue-certificate.ts';
import {
  type Authority,
  authorityDueMs,
  issue,
  problemOf,
  renewedAuthority,
  trustBundle,
} from './authority.ts';
import { type CertificateTimes, certificatesIn, isPair, renewAtMs } from './certificate-life.ts';

/** The name that Envoys look for in the certificate of the control plane, by whatever address they reach it. */
export const CONTROL_PLANE_NAME = 'breakwater';

/** What a Secret holds, decoded. */
export type SecretText = Readonly<Record<string, string | undefined>>;

/** What the control plane knows itself and its Envoys by. */
export interface ControlPlaneCertificates {
  readonly authority: Authority;
  readonly server: KeyPair;
}

export interface Renewed {
  readonly certificates: ControlPlaneCertificates;
  /** For the log, each a sentence; empty: nothing has changed. */
  readonly changes: readonly string[];
  /** When there is something to do next. */
  readonly dueMs: number;
}

/** The certificates as they are to be now. @param text of the Secret; undefined: there is none */
export function renewedControlPlane(
  text: SecretText | undefined,
  nowMs: number,
  times: CertificateTimes,
): Renewed {
  const changes: string[] = [];
  const known = text === undefined ? undefined : authorityIn(text);
  const authority = renewedAuthority(known, nowMs, times);
  if (known === undefined)
    changes.push(
      text === undefined ? 'a new authority signs' : 'its authority cannot be read: a new one signs',
    );
  else if (authority.issuer.cert !== known.issuer.cert) changes.push('the next authority signs from now on');
  else if (authority.next !== known.next) changes.push('the next authority is trusted from now on');
  else if (authority !== known) changes.push('an authority that has expired is not trusted any more');
  const found = { cert: text?.['tls.crt'] ?? '', key: text?.['tls.key'] ?? '' };
  const problem = problemOf(found, `DNS:${CONTROL_PLANE_NAME}`, authority, nowMs);
  const request = {
    commonName: CONTROL_PLANE_NAME,
    usage: 'server',
    dnsNames: [CONTROL_PLANE_NAME],
  } as const;
  const server = problem === undefined ? found : issue(authority, request, nowMs, times);
  if (problem !== undefined) changes.push(`the server's certificate is made anew: ${problem}`);
  return {
    certificates: { authority, server },
    changes,
    dueMs: Math.min(authorityDueMs(authority, times), renewAtMs(new X509Certificate(server.cert))),
  };
}

export function secretText({ authority, server }: ControlPlaneCertificates): Record<string, string> {
  return {
    'ca.crt': trustBundle(authority),
    'ca.key': authority.issuer.key,
    ...(authority.next && { 'next-ca.key': authority.next.key }),
    'tls.crt': server.cert,
    'tls.key': server.key,
  };
}

/** What is in a Secret, as it is; undefined: it is not whole. */
export function certificatesInSecret(text: SecretText): ControlPlaneCertificates | undefined {
  const authority = authorityIn(text);
  const server = { cert: text['tls.crt'] ?? '', key: text['tls.key'] ?? '' };
  return authority === undefined || !isPair(server) ? undefined : { authority, server };
}

/** Which certificate of the bundle belongs to which key. */
function authorityIn(text: SecretText): Authority | undefined {
  const bundle = certificatesIn(text['ca.crt']);
  const pairOf = (key: string | undefined): KeyPair | undefined => {
    const cert = bundle.find(one => isPair({ cert: one, ...(key !== undefined && { key }) }));
    return cert === undefined || key === undefined ? undefined : { cert, key };
  };
  const issuer = pairOf(text['ca.key']);
  const next = pairOf(text['next-ca.key']);
  if (issuer === undefined) return undefined;
  const retired = bundle.filter(cert => cert !== issuer.cert && cert !== next?.cert);
  return { issuer, retired, ...(next && { next }) };
}
