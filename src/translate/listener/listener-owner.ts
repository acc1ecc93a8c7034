import type { Gateway, ListenerSet } from '../../api/index.ts';

/** Whose listener it is: the Gateway's own, or one of a ListenerSet that is attached to it (GEP-1713). */
export type ListenerOwner = Gateway | ListenerSet;

export type ListenerSpec = ListenerOwner['spec']['listeners'][number];

interface Owned {
  readonly owner: ListenerOwner;
  readonly spec: ListenerSpec;
}

export function isOfSet({ owner }: Pick<Owned, 'owner'>): boolean {
  return owner.kind === 'ListenerSet';
}

/**
 * Unique among the listeners that a Gateway serves: `LISTENER`, of a ListenerSet `NAMESPACE/NAME/LISTENER`, as sets may call
 * theirs what they like. Envoy Gateway's names.
 */
export function nameInPlan({ owner, spec }: Owned): string {
  return owner.kind === 'ListenerSet' ? fullName({ owner, spec }) : spec.name;
}

/** `NAMESPACE/NAME/LISTENER` */
export function fullName({ owner, spec }: Owned): string {
  return `${owner.metadata.namespace}/${owner.metadata.name}/${spec.name}`;
}
