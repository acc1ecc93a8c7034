import type { HTTPRoute } from '../../api/index.ts';
import { Conditions } from '../condition.ts';
import type { GatewayContext } from '../gateway/translate-gateway.ts';
import type { ListenerSetContext } from '../listener/effective-listeners.ts';
import { allowsHttpRoutes, allowsNamespace, type ListenerContext } from '../listener/translate-listener.ts';
import type { ProblemCode } from '../problem.ts';
import type { Context } from '../translation-context.ts';
import { type Parent, type ParentIndex, type ParentRef, parentOf } from './parent-index.ts';

/** One parentRef of a route that leads to a Gateway of ours, or to a ListenerSet of one. */
export interface ParentContext {
  readonly ref: ParentRef;
  readonly index: number;
  readonly gateway: GatewayContext;
  /** The ref is to this, of the Gateway. */
  readonly set?: ListenerSetContext;
  /** Those that let the route in; whether host names meet is seen later. */
  readonly listeners: readonly ListenerContext[];
  readonly conditions: Conditions;
}

export interface RouteContext {
  readonly route: HTTPRoute;
  readonly parents: readonly ParentContext[];
}

/** The parents of a route that are ours, each with the listeners that admit it (Gateway API, ParentReference). */
export function attach(context: Context, route: HTTPRoute, index: ParentIndex): RouteContext {
  const parents: ParentContext[] = [];
  if (!route.spec.parentRefs?.length) {
    const message = 'the route has no parentRefs: it is on no Gateway';
    context.problems.warning('parent-not-found', route, ['spec'], message);
  }
  if (route.spec.useDefaultGateways !== undefined) {
    const message = 'spec.useDefaultGateways has no effect: not implemented by Breakwater';
    context.problems.warning('field-without-effect', route, ['spec', 'useDefaultGateways'], message);
  }
  for (const [refIndex, ref] of (route.spec.parentRefs ?? []).entries()) {
    const parent = parentOf(context, route, ref, refIndex, index);
    if (parent !== undefined) parents.push(attachToParent(context, route, ref, refIndex, parent));
  }
  return { route, parents };
}

export function refuse(
  context: Context,
  route: HTTPRoute,
  { index, conditions }: { readonly index: number; readonly conditions: Conditions },
  reason: string,
  message: string,
  path: readonly (string | number)[] = ['spec', 'parentRefs', index],
  code: ProblemCode = 'parent-refuses-route',
): void {
  conditions.set('Accepted', 'False', reason, message);
  context.problems.error(code, route, path, message);
}

function attachToParent(
  context: Context,
  route: HTTPRoute,
  ref: ParentRef,
  index: number,
  { gateway, listeners: own, set }: Parent,
): ParentContext {
  const conditions = new Conditions(route.metadata.generation ?? 0);
  const selected = own.filter(
    ({ spec }) =>
      (ref.sectionName === undefined || ref.sectionName === spec.name) &&
      (ref.port === undefined || ref.port === spec.port),
  );
  const namespace = route.metadata.namespace ?? '';
  const listeners = selected.filter(
    listener => allowsHttpRoutes(listener) && allowsNamespace(context, listener, namespace),
  );
  const parent = { ref, index, gateway, listeners, conditions, ...(set === undefined ? {} : { set }) };
  if (own.length === 0 && set?.refusal !== undefined) {
    const message = `ListenerSet ${set.listenerSet.metadata.namespace}/${set.listenerSet.metadata.name} is not accepted by its Gateway`;
    refuse(context, route, parent, 'NoMatchingParent', message);
  } else if (selected.length === 0) {
    const field = ref.sectionName === undefined ? 'port' : 'sectionName';
    const path = ['spec', 'parentRefs', index, field];
    refuse(context, route, parent, 'NoMatchingParent', 'No listeners match this parent ref', path);
  } else if (listeners.length === 0) {
    const message = 'No listeners included by this parent ref allowed this attachment.';
    refuse(context, route, parent, 'NotAllowedByListeners', message);
  } else {
    conditions.set('Accepted', 'True', 'Accepted', 'Route is accepted');
  }
  return parent;
}
