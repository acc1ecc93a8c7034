import type { Gateway, ListenerSet } from '../../api/index.ts';
import { selectorMatches } from '../label-selector.ts';
import { compareAge } from '../object-age.ts';
import { type Context, GATEWAY_GROUP, namespaceLabels } from '../translation-context.ts';

/** Why a ListenerSet is not taken up by the Gateway that it names; reasons of the API's ListenerSetConditionReason. */
export interface SetRefusal {
  readonly reason: 'NotAllowed' | 'ParentNotAccepted' | 'ListenersNotValid';
  readonly message: string;
}

/** ListenerSets by the Gateway that they name, as `NAMESPACE/NAME`; by precedence (GEP-1713, "Listener Precedence"). */
export type ListenerSetIndex = ReadonlyMap<string, readonly ListenerSet[]>;

export function listenerSetsByParent({ set, problems }: Context): ListenerSetIndex {
  const index = new Map<string, ListenerSet[]>();
  for (const listenerSet of [...set.list('ListenerSet')].sort(compareAge)) {
    const { group = GATEWAY_GROUP, kind = 'Gateway', namespace, name } = listenerSet.spec.parentRef;
    const path = ['spec', 'parentRef'];
    if (group !== GATEWAY_GROUP || kind !== 'Gateway') {
      const message = `parent ${group === '' ? '' : `${group}/`}${kind} ${name} is not a Gateway, the ListenerSet is left alone`;
      problems.warning('parent-not-found', listenerSet, path, message);
      continue;
    }
    const parentNamespace = namespace ?? listenerSet.metadata.namespace ?? '';
    const key = `${parentNamespace}/${name}`;
    const others = index.get(key);
    if (others === undefined) index.set(key, [listenerSet]);
    else others.push(listenerSet);
    if (set.get('Gateway', parentNamespace, name) === undefined)
      problems.error('parent-not-found', listenerSet, [...path, 'name'], `Gateway ${key} not found`);
  }
  return index;
}

/** GatewaySpec.allowedListeners: none unless the Gateway says so. */
export function letsIn(context: Context, gateway: Gateway, { metadata }: ListenerSet): boolean {
  const { namespace = '' } = metadata;
  const { from = 'None', selector } = gateway.spec.allowedListeners?.namespaces ?? {};
  switch (from) {
    case 'All':
      return true;
    case 'Same':
      return namespace === gateway.metadata.namespace;
    case 'Selector':
      return selector !== undefined && selectorMatches(selector, namespaceLabels(context, namespace));
    case 'None':
      return false;
  }
}
