import {
  BREAKWATER,
  GATEWAY_NAME,
  type Gateway,
  MANAGED_BY,
  OWNING_GATEWAY_NAME,
  OWNING_GATEWAY_NAMESPACE,
} from '../../api/index.ts';
import { labelValue } from './gateway-object-names.ts';

/** An object that a Gateway needs, as it is applied. */
export interface OwnedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: OwnedMetadata;
  readonly [field: string]: unknown;
}

export interface OwnedMetadata {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly ownerReferences: readonly object[];
}

/**
 * Which GatewayClasses' controller made an object: two installations on one cluster leave each other's alone. An annotation,
 * for labels have no slash.
 */
export const CONTROLLER_NAME = 'breakwater.dev/controller-name';

/** What everything of a Gateway has, and is selected by: nothing in it ever changes. */
export function stableLabels({ metadata }: Gateway): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'envoy',
    'app.kubernetes.io/component': 'proxy',
    [MANAGED_BY]: BREAKWATER,
    [OWNING_GATEWAY_NAMESPACE]: metadata.namespace ?? '',
    [OWNING_GATEWAY_NAME]: labelValue(metadata.name),
  };
}

/**
 * GEP-1867: `spec.infrastructure.labels` and `.annotations` are those of all that is made for the Gateway.
 * @param more labels and annotations of this object alone; they do not replace what it is found by
 */
export function ownedMetadata(
  gateway: Gateway,
  controllerName: string,
  name: string,
  more: { readonly labels?: Record<string, string>; readonly annotations?: Record<string, string> } = {},
): OwnedMetadata {
  const { infrastructure } = gateway.spec;
  return {
    name,
    namespace: gateway.metadata.namespace ?? '',
    labels: {
      ...infrastructure?.labels,
      ...more.labels,
      ...stableLabels(gateway),
      [GATEWAY_NAME]: labelValue(gateway.metadata.name),
    },
    annotations: { ...infrastructure?.annotations, ...more.annotations, [CONTROLLER_NAME]: controllerName },
    ownerReferences: [ownerReference(gateway)],
  };
}

/**
 * meta/v1 OwnerReference. Without blockOwnerDeletion, for which the right to update the Gateway's finalizers would be needed
 * (admission plugin OwnerReferencesPermissionEnforcement).
 */
function ownerReference({ apiVersion, metadata }: Gateway): object {
  return { apiVersion, kind: 'Gateway', name: metadata.name, uid: metadata.uid, controller: true };
}
