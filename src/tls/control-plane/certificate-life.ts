import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { KeyPair } from '../x509/issue-certificate.ts';

/** Milliseconds. */
export interface CertificateTimes {
  readonly authorityLifeMs: number;
  /** Of what an authority signs. It ends with the authority at the latest. */
  readonly lifeMs: number;
  /** Begins so long before it is made: clocks differ. */
  readonly backdateMs: number;
  /** An authority is trusted for so long before it signs: Secrets reach the files of Pods within some minutes. */
  readonly publishMs: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const CERTIFICATE_TIMES: CertificateTimes = {
  authorityLifeMs: 5 * 365 * DAY_MS,
  lifeMs: 90 * DAY_MS,
  backdateMs: HOUR_MS,
  publishMs: DAY_MS,
};

/** Undefined where it is none. */
export function certificateIn(pem: string | undefined): X509Certificate | undefined {
  if (pem === undefined || pem === '') return undefined;
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** Whether certificate and key are a pair. */
export function isPair({ cert, key }: Partial<KeyPair>): boolean {
  const certificate = certificateIn(cert);
  if (certificate === undefined || key === undefined) return false;
  try {
    return certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

/** When it is to be renewed: at two thirds of its life. */
export function renewAtMs({ validFromDate, validToDate }: X509Certificate): number {
  const [from, to] = [validFromDate.getTime(), validToDate.getTime()];
  return from + ((to - from) * 2) / 3;
}

/** It may be one of several that stand in one text. */
export function certificatesIn(pem: string | undefined): string[] {
  const blocks = pem?.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.filter(block => certificateIn(block) !== undefined).map(block => `${block}\n`);
}
