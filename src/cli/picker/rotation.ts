import { X509Certificate } from 'node:crypto';
import { RepeatedTask, toldAs } from '../../kernel/index.ts';
import type { ServerCertificate } from '../../tls/index.ts';
import { servingCertificate } from './picker-certificate.ts';

export interface RotationOptions {
  /** Folder with the pair; undefined: there is nothing to renew. */
  readonly folder: string | undefined;
  /** Served from the start. */
  readonly first: ServerCertificate;
  /** Serves it from now on, to connections that come. */
  readonly take: (certificate: ServerCertificate) => void;
  readonly report: (message: string, severity: 'info' | 'warning') => void;
}

/** A mounted Secret changes when its certificate is renewed. */
const CHECK_MS = 5_000;

/** Serves a renewed certificate without a restart, and says when the one that is served has expired. @returns to be stopped */
export function rotateCertificate({ folder, first, take, report }: RotationOptions): RepeatedTask {
  let served = first;
  /** What was said of, so that it is said once. */
  let expired: ServerCertificate | undefined;
  let problem = '';
  const warnOfExpiry = () => {
    const { validToDate } = new X509Certificate(served.cert);
    if (expired === served || validToDate.getTime() >= Date.now()) return;
    expired = served;
    report(
      `the certificate expired at ${validToDate.toISOString()}: gateways that check it refuse it`,
      'warning',
    );
  };
  const renew = (from: string) => {
    try {
      const now = servingCertificate(from);
      problem = '';
      if (now.cert === served.cert && now.key === served.key) return;
      take(now);
      served = now;
      report(`serves the certificate that ${from} has now`, 'info');
    } catch (error) {
      const { message } = error as Error;
      if (message !== problem) report(`goes on with the certificate of before: ${message}`, 'warning');
      problem = message;
    }
  };
  warnOfExpiry();
  const task = 'the look at the serving certificate';
  return new RepeatedTask({ task, everyMs: CHECK_MS, onFault: toldAs(report) }, () => {
    if (folder !== undefined) renew(folder);
    warnOfExpiry();
  }).start(CHECK_MS);
}
