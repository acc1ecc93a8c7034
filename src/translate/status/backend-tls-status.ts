import type { BackendTLSPolicy } from '../../api/index.ts';
import { Conditions } from '../condition.ts';
import { compareText } from '../precedence.ts';
import type { TlsPolicyContext } from '../tls/backend-tls-index.ts';
import type { CaFailure } from '../tls/ca-certificate.ts';
import { GATEWAY_GROUP } from '../translation-context.ts';
import { acceptedOnceTaken, type PlaneView } from './plane-view.ts';
import { type StatusEntry, statusEntry } from './status-entry.ts';

/** PolicyStatus.ancestors: at most 16. */
const MAX_ANCESTORS = 16;

/** Gateway API, BackendTLSPolicyReason…; references to other namespaces cannot be written. */
const REASONS: Readonly<Record<CaFailure['kind'], string>> = {
  invalid: 'InvalidCACertificateRef',
  unsupported: 'InvalidKind',
  'not-permitted': 'InvalidCACertificateRef',
};

/** One ancestor for each Gateway whose routes lead to a target; a policy without one gets no status from us. */
export function backendTlsStatus(
  { policy, verdict, ancestors }: TlsPolicyContext,
  view: PlaneView,
): StatusEntry | undefined {
  if (ancestors.size === 0) return undefined;
  const entries = [...ancestors]
    .map(([{ gateway, controllerName }, winner]) => {
      const { namespace = '', name } = gateway.metadata;
      const conditions = conditionsOf(policy, verdict, winner);
      return {
        ancestorRef: { group: GATEWAY_GROUP, kind: 'Gateway', namespace, name },
        controllerName,
        conditions: acceptedOnceTaken(conditions, view),
      };
    })
    .sort(
      ({ ancestorRef: a }, { ancestorRef: b }) =>
        compareText(a.namespace, b.namespace) || compareText(a.name, b.name),
    );
  return statusEntry(policy, { ancestors: entries.slice(0, MAX_ANCESTORS) });
}

function conditionsOf(
  policy: BackendTLSPolicy,
  { tls, failures, invalid }: TlsPolicyContext['verdict'],
  winner: BackendTLSPolicy | undefined,
): Conditions {
  const conditions = new Conditions(policy.metadata.generation ?? 0);
  const messages = failures.map(({ message }) => message).join('\n');
  if (winner !== undefined) {
    const message = `The target has the older BackendTLSPolicy ${winner.metadata.namespace}/${winner.metadata.name}`;
    conditions.set('Accepted', 'False', 'Conflicted', message);
  } else if (invalid !== undefined) conditions.set('Accepted', 'False', 'Invalid', invalid);
  else if (tls === undefined) conditions.set('Accepted', 'False', 'NoValidCACertificate', messages);
  else conditions.set('Accepted', 'True', 'Accepted', 'Policy has been accepted.');
  const [first] = failures;
  if (first === undefined)
    conditions.set('ResolvedRefs', 'True', 'ResolvedRefs', 'Policy references have been resolved');
  else conditions.set('ResolvedRefs', 'False', REASONS[first.kind], messages);
  return conditions;
}
