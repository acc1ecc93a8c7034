import type { KindInfo } from '../../admin/wire.ts';

/** Kinds that `all` leaves out: they hold data, not something that runs or routes. */
const NOT_IN_ALL = new Set([
  'ConfigMap',
  'Secret',
  'ServiceAccount',
  'Namespace',
  'Node',
  'EndpointSlice',
  'ReferenceGrant',
]);

/**
 * The kinds that a word of the command line names, regardless of case: plural, singular, kind, short name, each also with
 * `.GROUP` or `.VERSION.GROUP`; or `all`. Two groups may have a kind of one name: both are meant. None: no such kind.
 */
export function findKinds(word: string, kinds: readonly KindInfo[]): readonly KindInfo[] {
  const [name = '', ...suffix] = word.toLowerCase().split('.');
  const group = suffix.join('.');
  if (name === 'all' && group === '') return kinds.filter(info => !NOT_IN_ALL.has(info.kind));
  return kinds.filter(
    info =>
      [info.plural, info.singular, info.kind.toLowerCase(), ...info.shortNames].includes(name) &&
      (group === '' || group === info.group || group === `${info.version}.${info.group}`),
  );
}

/** `gateways.gateway.networking.k8s.io`, `pods`: how the API server names a resource in its errors. */
function resourceName(info: KindInfo): string {
  return info.group === '' ? info.plural : `${info.plural}.${info.group}`;
}

/** `example-gateway` → kubectl's sentence for an object that is not there. */
export function notFoundMessage(info: KindInfo, name: string): string {
  return `${resourceName(info)} "${name}" not found`;
}
