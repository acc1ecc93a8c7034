import { issueCertificate, type KeyPair } from './x509/issue-certificate.ts';

export type ServerCertificate = KeyPair;

const VALID_YEARS = 10;

/** A certificate that this server signs itself: gateways encrypt to an endpoint picker without asking who it is. */
export function selfSigned(commonName: string, now: Date): ServerCertificate {
  const notAfter = new Date(now);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + VALID_YEARS);
  return issueCertificate({ commonName, notBefore: now, notAfter });
}
