import type { Gateway } from '../../api/index.ts';
import type { ClientValidation } from '../../plan/index.ts';
import type { Conditions } from '../condition.ts';
import type { ListenerSpec } from '../listener/listener-owner.ts';
import type { FieldPath } from '../problem.ts';
import { type Context, GATEWAY_GROUP } from '../translation-context.ts';
import { type CaFailure, caCertificate } from './ca-certificate.ts';

type Frontend = NonNullable<NonNullable<Gateway['spec']['tls']>['frontend']>;
type Validation = NonNullable<Frontend['default']['validation']>;

/** Gateway API, FrontendTLSValidation.caCertificateRefs. */
const REASONS: Readonly<Record<CaFailure['kind'], string>> = {
  invalid: 'InvalidCACertificateRef',
  unsupported: 'InvalidCACertificateKind',
  'not-permitted': 'RefNotPermitted',
};

/** What the clients of the HTTPS listeners of a port are asked for: what the port says, else the Gateway's default. */
export function clientValidationOf(
  context: Context,
  gateway: Gateway,
  port: number,
  conditions: Conditions,
): ClientValidation | undefined {
  const found = validationOf(gateway, port);
  if (found === undefined) return undefined;
  const { validation, path } = found;
  const from = {
    group: GATEWAY_GROUP,
    kind: 'Gateway',
    namespace: gateway.metadata.namespace ?? '',
  };
  const trusted: string[] = [];
  const failures: CaFailure[] = [];
  for (const [index, ref] of validation.caCertificateRefs.entries()) {
    const result = caCertificate(context, from, ref);
    if ('pem' in result) {
      trusted.push(result.pem);
      continue;
    }
    failures.push(result);
    const at = [...path, 'caCertificateRefs', index, result.field];
    context.problems.error('certificate-unusable', gateway, at, result.message);
  }
  const [first] = failures;
  if (first !== undefined) {
    // Also where others are good: whom to trust is then not known, and nobody is let in.
    const message = failures.map(failure => failure.message).join('\n');
    conditions.set('ResolvedRefs', 'False', REASONS[first.kind], message);
    if (trusted.length === 0) conditions.set('Accepted', 'False', 'NoValidCACertificate', message);
    return undefined;
  }
  return {
    caPem: trusted.map(pem => pem.trimEnd()).join('\n'),
    required: validation.mode !== 'AllowInsecureFallback',
  };
}

interface Serving {
  readonly gateway: Gateway;
  readonly listeners: readonly { readonly spec: ListenerSpec }[];
}

/** Does any of the HTTPS listeners of a Gateway let clients in that show no valid certificate, though one is asked for? */
export function fallsBackInsecurely({ gateway, listeners }: Serving): boolean {
  return listeners.some(
    ({ spec: { protocol, port } }) =>
      protocol === 'HTTPS' && validationOf(gateway, port)?.validation.mode === 'AllowInsecureFallback',
  );
}

function validationOf(
  { spec }: Gateway,
  port: number,
): { readonly validation: Validation; readonly path: FieldPath } | undefined {
  const frontend = spec.tls?.frontend;
  if (frontend === undefined) return undefined;
  const index = (frontend.perPort ?? []).findIndex(each => each.port === port);
  const [config, path]: [Frontend['default'] | undefined, FieldPath] =
    index === -1
      ? [frontend.default, ['default']]
      : [frontend.perPort?.[index]?.tls, ['perPort', index, 'tls']];
  const validation = config?.validation;
  return validation && { validation, path: ['spec', 'tls', 'frontend', ...path, 'validation'] };
}
