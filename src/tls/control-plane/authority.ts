import { X509Certificate } from 'node:crypto';
import { type CertificateRequest, issueCertificate, type KeyPair } from '../x509/issue-certificate.ts';
import { type CertificateTimes, certificateIn, isPair, renewAtMs } from './certificate-life.ts';

/** Who signs the certificates of the control plane and its Envoys. */
export interface Authority {
  /** Signs. */
  readonly issuer: KeyPair;
  /** Signs later; it is trusted already. */
  readonly next?: KeyPair;
  /** PEM: those that signed before. What they signed may still be in use. */
  readonly retired: readonly string[];
}

/** PEM of all that is trusted. */
export function trustBundle({ issuer, next, retired }: Authority): string {
  return [issuer.cert, ...(next === undefined ? [] : [next.cert]), ...retired].join('');
}

/**
 * The authority as it is to be now; the same object when nothing changes. A new one is trusted before it signs, and an old one until
 * it has expired, which all that it signed have by then: at no time is there anybody who does not trust anybody else.
 */
export function renewedAuthority(
  known: Authority | undefined,
  nowMs: number,
  times: CertificateTimes,
): Authority {
  if (known === undefined) return { issuer: newAuthority(nowMs, times), retired: [] };
  const { issuer, next } = known;
  const retired = known.retired.filter(pem => isCurrent(pem, nowMs));
  if (!isCurrent(issuer.cert, nowMs)) {
    // Nobody was there to renew it in time.
    const isNextCurrent = next !== undefined && isCurrent(next.cert, nowMs);
    return { issuer: isNextCurrent ? next : newAuthority(nowMs, times), retired };
  }
  if (next !== undefined && nowMs >= promotedAtMs(next, times))
    return { issuer: next, retired: [issuer.cert, ...retired] };
  if (next === undefined && nowMs >= renewAtMs(new X509Certificate(issuer.cert)))
    return { issuer, next: newAuthority(nowMs, times), retired };
  return retired.length === known.retired.length ? known : { ...known, retired };
}

/** When {@link renewedAuthority} has something to do next. */
export function authorityDueMs({ issuer, next, retired }: Authority, times: CertificateTimes): number {
  const step = next === undefined ? renewAtMs(new X509Certificate(issuer.cert)) : promotedAtMs(next, times);
  return Math.min(step, ...retired.map(pem => new X509Certificate(pem).validToDate.getTime()));
}

/** A certificate of the issuer, with a new key. */
export function issue(
  { issuer }: Authority,
  request: Pick<CertificateRequest, 'commonName' | 'usage' | 'dnsNames' | 'uris'>,
  nowMs: number,
  { lifeMs, backdateMs }: CertificateTimes,
): KeyPair {
  const end = Math.min(nowMs + lifeMs, new X509Certificate(issuer.cert).validToDate.getTime());
  return issueCertificate(
    { ...request, notBefore: new Date(nowMs - backdateMs), notAfter: new Date(end) },
    issuer,
  );
}

/**
 * Why a certificate of the authority has to be made anew; undefined: it is good.
 * @param names all that it must have, as {@link X509Certificate.subjectAltName} writes it
 */
export function problemOf(
  pair: Partial<KeyPair>,
  names: string,
  authority: Authority,
  nowMs: number,
): string | undefined {
  const certificate = certificateIn(pair.cert);
  if (certificate === undefined) return 'there is none';
  if (!isPair(pair)) return 'its key is another one';
  if (certificate.subjectAltName !== names) return `it is for ${certificate.subjectAltName ?? 'nobody'}`;
  const signers = [authority.issuer.cert, ...authority.retired].map(pem => new X509Certificate(pem));
  if (!signers.some(signer => certificate.checkIssued(signer) && certificate.verify(signer.publicKey)))
    return 'nobody who is trusted has signed it';
  if (certificate.validFromDate.getTime() > nowMs) return 'it is not valid yet';
  if (nowMs >= certificate.validToDate.getTime()) return 'it has expired';
  return nowMs >= renewAtMs(certificate) ? 'two thirds of its life are over' : undefined;
}

function newAuthority(nowMs: number, { authorityLifeMs, backdateMs }: CertificateTimes): KeyPair {
  const [notBefore, notAfter] = [new Date(nowMs - backdateMs), new Date(nowMs + authorityLifeMs)];
  // A name of its own: who has several of them looks for the signer by its name.
  const commonName = `breakwater ${new Date(nowMs).toISOString()}`;
  return issueCertificate({ commonName, usage: 'authority', notBefore, notAfter });
}

function isCurrent(pem: string, nowMs: number): boolean {
  return (certificateIn(pem)?.validToDate.getTime() ?? 0) > nowMs;
}

function promotedAtMs({ cert }: KeyPair, { backdateMs, publishMs }: CertificateTimes): number {
  return new X509Certificate(cert).validFromDate.getTime() + backdateMs + publishMs;
}
