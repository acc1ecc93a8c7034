import type { HTTPRoute } from '../../api/index.ts';
import type { GatewayContext } from '../gateway/translate-gateway.ts';
import type { ListenerSetContext } from '../listener/effective-listeners.ts';
import type { ListenerContext } from '../listener/translate-listener.ts';
import { type Context, GATEWAY_GROUP } from '../translation-context.ts';

export type ParentRef = NonNullable<HTTPRoute['spec']['parentRefs']>[number];

/** What routes attach to: a Gateway's own listeners, or those of a ListenerSet. Never the ones through the other (GEP-1713). */
export interface Parent {
  readonly gateway: GatewayContext;
  readonly listeners: readonly ListenerContext[];
  /** Present: the parent is this, of the Gateway. */
  readonly set?: ListenerSetContext;
}

/** Gateways of ours and the ListenerSets that name them, by `NAMESPACE/NAME`. */
export interface ParentIndex {
  readonly gateways: ReadonlyMap<string, GatewayContext>;
  readonly sets: ReadonlyMap<string, Parent & { readonly set: ListenerSetContext }>;
}

export function parentIndex(gateways: readonly GatewayContext[]): ParentIndex {
  const keyOf = ({ metadata }: GatewayContext['gateway'] | ListenerSetContext['listenerSet']) =>
    `${metadata.namespace}/${metadata.name}`;
  return {
    gateways: new Map(gateways.map(gateway => [keyOf(gateway.gateway), gateway])),
    sets: new Map(
      gateways.flatMap(gateway =>
        gateway.sets.map(
          set => [keyOf(set.listenerSet), { gateway, listeners: set.listeners, set }] as const,
        ),
      ),
    ),
  };
}

/** The parent that a route refers to, if it is ours. */
export function parentOf(
  { set, problems }: Context,
  route: HTTPRoute,
  ref: ParentRef,
  index: number,
  { gateways, sets }: ParentIndex,
): Parent | undefined {
  const path = ['spec', 'parentRefs', index];
  const { group = GATEWAY_GROUP, kind = 'Gateway', name } = ref;
  if (group !== GATEWAY_GROUP || (kind !== 'Gateway' && kind !== 'ListenerSet')) {
    problems.warning(
      'parent-not-found',
      route,
      path,
      `parent ${group === '' ? '' : `${group}/`}${kind} ${name} is not a Gateway, it is left alone`,
    );
    return undefined;
  }
  const namespace = ref.namespace ?? route.metadata.namespace ?? '';
  const key = `${namespace}/${name}`;
  if (set.get(kind, namespace, name) === undefined)
    problems.error('parent-not-found', route, [...path, 'name'], `${kind} ${key} not found`);
  if (kind === 'ListenerSet') return sets.get(key);
  const gateway = gateways.get(key);
  return gateway && { gateway, listeners: gateway.own };
}
