import type { KINDS } from '../../api/index.ts';

/** Of a kind, what a request for it is made of. */
export interface ReadKind
  extends Pick<(typeof KINDS)[number], 'group' | 'versions' | 'kind' | 'plural' | 'namespaced'> {
  /** Of those in KINDS, theirs; `Owned`: objects that are written here. */
  readonly id: (typeof KINDS)[number]['id'] | 'Lease' | 'Owned';
  /** Only objects with these labels. */
  readonly labelSelector?: string;
}

/**
 * Secrets that no Gateway refers to, and that are most of the bytes of a cluster: Helm's releases, and tokens of service accounts.
 * Secrets can be selected by type (pkg/apis/core/v1/conversion.go, AddFieldLabelConversionsForSecret).
 */
const SECRETS = 'type!=helm.sh/release.v1,type!=kubernetes.io/service-account-token';

/** Where the API server says which resources it has of the kind's group. */
export function groupVersionPath({ group }: ReadKind, version: string): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

/** Of all objects of a kind, in one namespace or in all. */
export function collectionPath(
  kind: ReadKind,
  version: string,
  namespace: string | undefined,
  query: Readonly<Record<string, string>>,
): string {
  const within = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  const search = new URLSearchParams(query);
  if (kind.id === 'Secret') search.set('fieldSelector', SECRETS);
  if (kind.labelSelector !== undefined) search.set('labelSelector', kind.labelSelector);
  return `${groupVersionPath(kind, version)}${within}/${kind.plural}?${search}`;
}
