import type { BackendTLSPolicy } from '../../api/index.ts';
import type { BackendTls } from '../../plan/index.ts';
import { type Context, GATEWAY_GROUP } from '../translation-context.ts';
import { type CaFailure, caCertificate } from './ca-certificate.ts';
import { optionsForUs, optionsMessage } from './tls-options.ts';

/** What a BackendTLSPolicy comes to. */
export interface BackendTlsVerdict {
  /** Undefined: nothing can be trusted, and requests to its targets fail. */
  readonly tls: BackendTls | undefined;
  /** References that are no good. */
  readonly failures: readonly CaFailure[];
  /** Something else that it asks for cannot be done. */
  readonly invalid?: string;
}

export function backendTlsOf(context: Context, policy: BackendTLSPolicy): BackendTlsVerdict {
  const {
    hostname,
    caCertificateRefs = [],
    wellKnownCACertificates,
    subjectAltNames = [],
  } = policy.spec.validation;
  const names = {
    serverName: hostname,
    subjectAltNames: subjectAltNames.map(({ type, hostname: dns = '', uri = '' }) =>
      type === 'URI' ? ({ type, value: uri } as const) : ({ type: 'DNS', value: dns } as const),
    ),
  };
  const options = optionsForUs(policy.spec.options);
  if (options.length > 0) {
    const invalid = optionsMessage(options);
    context.problems.error('policy-invalid', policy, ['spec', 'options'], invalid);
    return { tls: undefined, failures: [], invalid };
  }
  if (wellKnownCACertificates !== undefined) {
    if (wellKnownCACertificates === 'System') return { tls: names, failures: [] };
    const invalid = `wellKnownCACertificates ${wellKnownCACertificates} is not supported, must be System.`;
    const path = ['spec', 'validation', 'wellKnownCACertificates'];
    context.problems.error('policy-invalid', policy, path, invalid);
    return { tls: undefined, failures: [], invalid };
  }
  const from = {
    group: GATEWAY_GROUP,
    kind: 'BackendTLSPolicy',
    namespace: policy.metadata.namespace ?? '',
  };
  const trusted: string[] = [];
  const failures: CaFailure[] = [];
  for (const [index, ref] of caCertificateRefs.entries()) {
    const result = caCertificate(context, from, ref);
    if ('pem' in result) {
      trusted.push(result.pem.trimEnd());
      continue;
    }
    failures.push(result);
    const path = ['spec', 'validation', 'caCertificateRefs', index, result.field];
    context.problems.error('certificate-unusable', policy, path, result.message);
  }
  const tls = trusted.length === 0 ? undefined : { ...names, caPem: trusted.join('\n') };
  return { tls, failures };
}
