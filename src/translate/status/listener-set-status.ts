import { type Condition, Conditions } from '../condition.ts';
import type { GatewayContext } from '../gateway/translate-gateway.ts';
import type { ListenerSetContext } from '../listener/effective-listeners.ts';
import { listenerStatus } from './listener-status.ts';
import { type PlaneView, refusal as refusalOfPlane } from './plane-view.ts';
import { type StatusEntry, statusEntry } from './status-entry.ts';

/**
 * Reasons and rules: Gateway API, ListenerSetConditionType; GEP-1713, "ListenerSet Conditions".
 * @param gatewayProgrammed of its Gateway
 */
export function listenerSetStatus(
  context: GatewayContext,
  set: ListenerSetContext,
  gatewayProgrammed: Condition,
  view: PlaneView,
): StatusEntry {
  const { listenerSet } = set;
  const conditions = new Conditions(listenerSet.metadata.generation ?? 0);
  const listeners = set.listeners.map(listener => listenerStatus(context, listener, view));
  setAccepted(conditions, set);
  const programmed = listeners.filter(each => each.conditions.some(isProgrammed)).map(({ name }) => name);
  setProgrammed(conditions, set, programmed, gatewayProgrammed, view);
  return statusEntry(listenerSet, { conditions: conditions.list(), listeners });
}

function isProgrammed({ type, status }: Condition): boolean {
  return type === 'Programmed' && status === 'True';
}

function setAccepted(conditions: Conditions, { listeners, refusal }: ListenerSetContext): void {
  if (refusal !== undefined) {
    conditions.set('Accepted', 'False', refusal.reason, refusal.message);
    return;
  }
  // A certificate that is missing may come; one that nobody has granted is not this object's to use.
  const denied = listeners.filter(
    ({ conditions: own }) => own.get('ResolvedRefs')?.reason === 'RefNotPermitted',
  );
  const failed = listeners
    .filter(listener => denied.includes(listener) || !listener.conditions.is('Accepted', 'True'))
    .map(({ spec }) => spec.name);
  if (failed.length === 0) {
    conditions.set('Accepted', 'True', 'Accepted', 'All listeners are accepted');
  } else {
    const message = `Listeners not valid: ${failed.sort().join(', ')}`;
    const status = denied.length === listeners.length ? 'False' : 'True';
    conditions.set('Accepted', status, 'ListenersNotValid', message);
  }
}

function setProgrammed(
  conditions: Conditions,
  { listeners, refusal }: ListenerSetContext,
  programmed: readonly string[],
  gatewayProgrammed: Condition,
  view: PlaneView,
): void {
  const set = (status: Condition['status'], reason: string, message: string) =>
    conditions.set('Programmed', status, reason, message);
  if (refusal !== undefined) {
    set('False', refusal.reason, refusal.message);
  } else if (view.kind === 'waiting') {
    set('Unknown', 'Pending', 'Waiting for the data plane to take the configuration');
  } else if (view.kind === 'refused') {
    set('False', 'Invalid', refusalOfPlane(view.error));
  } else if (UNREACHABLE.has(gatewayProgrammed.reason)) {
    set('False', 'ParentNotProgrammed', `The Gateway is not programmed: ${gatewayProgrammed.message}`);
  } else if (programmed.length === 0) {
    set('False', 'ListenersNotValid', 'No listeners are programmed, see their conditions');
  } else if (programmed.length < listeners.length) {
    set(
      'True',
      'Programmed',
      `Of ${listeners.length} listeners these are programmed: ${programmed.join(', ')}`,
    );
  } else {
    set('True', 'Programmed', 'All listeners are programmed');
  }
}

/** Reasons for which nobody reaches a Gateway, so that it does not matter what its listeners do. */
const UNREACHABLE: ReadonlySet<string> = new Set(['AddressNotAssigned', 'AddressNotUsable']);
