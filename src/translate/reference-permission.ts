import type { ReferenceGrant } from '../api/index.ts';

interface From {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
}

interface To {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** May `from` refer to `to`? Within a namespace always, across only by a ReferenceGrant in the namespace referred to. */
export function isReferencePermitted(from: From, to: To, grants: readonly ReferenceGrant[]): boolean {
  if (from.namespace === to.namespace) return true;
  return grants.some(
    grant =>
      grant.metadata.namespace === to.namespace &&
      grant.spec.from.some(
        f => f.namespace === from.namespace && f.group === from.group && f.kind === from.kind,
      ) &&
      grant.spec.to.some(t => t.group === to.group && t.kind === to.kind && (!t.name || t.name === to.name)),
  );
}
