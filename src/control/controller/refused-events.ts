import type { ResourceSet } from '../../api/index.ts';
import type { WantedEvent } from '../../cluster/events/index.ts';
import type { RefusedObject } from '../../cluster/source/index.ts';
import { ownershipOf } from '../../cluster/status/index.ts';
import { warning } from './warning-event.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * Objects that the API server has taken and that cannot be read here, or not all of them: whoever made them sees nothing else of
 * it, as what is not read has no status. Nothing is said of what another controller serves.
 */
export function refusedEvents(
  set: ResourceSet,
  controllerNames: readonly string[],
  refused: readonly RefusedObject[],
): WantedEvent[] {
  return refused
    .filter(({ raw }) => mayBeOurs(set, controllerNames, raw as unknown as Json))
    .map(({ raw, counts, message }) =>
      counts === 'known-fields'
        ? warning(raw, 'UnknownField', 'Read', `It counts without a field that is not known here: ${message}`)
        : warning(raw, 'Invalid', 'Read', `It cannot be read, and ${EFFECTS[counts]}: ${message}`),
    );
}

const EFFECTS = {
  'last-form': 'its last form that could be read counts',
  nothing: 'counts as if it were not there',
  'closed-targets': 'requests to its targets get 500',
} as const;

/** Whether it belongs to a controller with our name, or does not say whose it is. */
function mayBeOurs(set: ResourceSet, controllerNames: readonly string[], raw: Json): boolean {
  const { kind, spec, metadata } = raw;
  if (!isJson(spec)) return true;
  switch (kind) {
    case 'GatewayClass':
      return isOurs(controllerNames, spec['controllerName']);
    case 'Gateway': {
      const name = spec['gatewayClassName'];
      const gatewayClass = typeof name === 'string' ? set.get('GatewayClass', '', name) : undefined;
      return gatewayClass === undefined || isOurs(controllerNames, gatewayClass.spec.controllerName);
    }
    case 'HTTPRoute':
    case 'ListenerSet': {
      const parents = kind === 'HTTPRoute' ? spec['parentRefs'] : [spec['parentRef']];
      const { namespace: own } = metadata as { readonly namespace?: string };
      const { gatewayOwner } = ownershipOf(set, controllerNames);
      if (!Array.isArray(parents) || parents.length === 0) return true;
      return parents.some((parent: unknown) => {
        if (!isJson(parent)) return true;
        const { namespace = own, name } = parent;
        if (typeof namespace !== 'string' || typeof name !== 'string') return true;
        return gatewayOwner(namespace, name) !== 'other';
      });
    }
    default:
      return true;
  }
}

function isOurs(controllerNames: readonly string[], name: unknown): boolean {
  return typeof name !== 'string' || controllerNames.includes(name);
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
