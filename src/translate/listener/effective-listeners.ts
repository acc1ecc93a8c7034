import type { Gateway, ListenerSet } from '../../api/index.ts';
import type { Context } from '../translation-context.ts';
import { markConflicts } from './listener-conflict.ts';
import { finishListener, judgeListeners, type ListenerContext } from './translate-listener.ts';
import { letsIn, type SetRefusal } from './translate-listener-set.ts';

/** A ListenerSet that names a Gateway of ours. */
export interface ListenerSetContext {
  readonly listenerSet: ListenerSet;
  /** None unless the Gateway lets them in. */
  readonly listeners: readonly ListenerContext[];
  /** Present: the set is not accepted, and none of its listeners is served. */
  readonly refusal?: SetRefusal;
}

/** All that a Gateway listens to. */
export interface EffectiveListeners {
  /** Its own, of its spec. */
  readonly own: readonly ListenerContext[];
  /** By precedence. */
  readonly sets: readonly ListenerSetContext[];
  /** Its own, then those of its sets, by precedence: each says whose it is. */
  readonly listeners: readonly ListenerContext[];
}

/**
 * The listeners of a Gateway and of the ListenerSets that name it, judged as one list (GEP-1713, "Listener Validation").
 *
 * @param sets by precedence
 * @param invalid the Gateway cannot be served, whatever its listeners are
 */
export function effectiveListeners(
  context: Context,
  gateway: Gateway,
  sets: readonly ListenerSet[],
  invalid: boolean,
): EffectiveListeners {
  const own = judgeListeners(context, gateway, gateway);
  const judged = sets.map(listenerSet => ({
    listenerSet,
    listeners:
      !invalid && letsIn(context, gateway, listenerSet) ? judgeListeners(context, gateway, listenerSet) : [],
  }));
  const all = [...own, ...judged.flatMap(({ listeners }) => listeners)];
  markConflicts(context, all);
  for (const listener of all) finishListener(listener);

  const isAccepted = !invalid && own.some(({ conditions }) => conditions.is('Accepted', 'True'));
  const accepted = judged.map(({ listenerSet, listeners }): ListenerSetContext => {
    const refusal = refusalOf(context, gateway, listenerSet, listeners, isAccepted);
    if (refusal === undefined) return { listenerSet, listeners };
    if (refusal.reason !== 'ListenersNotValid')
      context.problems.error('listener-set-refused', listenerSet, ['spec', 'parentRef'], refusal.message);
    return { listenerSet, listeners: refusal.reason === 'ParentNotAccepted' ? [] : listeners, refusal };
  });
  return {
    own,
    sets: accepted,
    listeners: [...own, ...accepted.flatMap(({ listeners }) => listeners)],
  };
}

function refusalOf(
  context: Context,
  gateway: Gateway,
  listenerSet: ListenerSet,
  listeners: readonly ListenerContext[],
  isAccepted: boolean,
): SetRefusal | undefined {
  const parent = `${gateway.metadata.namespace}/${gateway.metadata.name}`;
  if (!letsIn(context, gateway, listenerSet)) {
    const message = `Gateway ${parent} does not let in ListenerSets of namespace ${listenerSet.metadata.namespace}: see its allowedListeners`;
    return { reason: 'NotAllowed', message };
  }
  if (!isAccepted) return { reason: 'ParentNotAccepted', message: `Gateway ${parent} is not accepted` };
  // One that lacks a certificate is accepted, and says so itself (ResolvedRefs).
  if (listeners.some(({ conditions }) => conditions.is('Accepted', 'True'))) return undefined;
  const names = listeners.map(({ spec }) => spec.name).sort();
  return { reason: 'ListenersNotValid', message: `No listeners are valid: ${names.join(', ')}` };
}
