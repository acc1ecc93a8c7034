import { repeatedAt, rule } from '../schema-rules.ts';

interface ParentRef {
  group: string;
  kind: string;
  namespace?: string | undefined;
  name: string;
  sectionName?: string | undefined;
  port?: number | undefined;
}

const parentOf = ({ group, kind, namespace, name }: ParentRef) =>
  [group, kind, namespace ?? '', name].join(' ');
const placeOf = ({ sectionName = '', port = 0 }: ParentRef) => `${sectionName} ${port}`;
const bothOf = (ref: ParentRef) => `${parentOf(ref)} ${placeOf(ref)}`;

/** Two refs to one parent, of which only one says a sectionName, or only one a port. */
function halfSaid(refs: readonly ParentRef[]): number {
  return refs.findIndex((ref, index) =>
    refs
      .slice(0, index)
      .some(
        other =>
          parentOf(other) === parentOf(ref) &&
          (Boolean(other.sectionName) !== Boolean(ref.sectionName) ||
            Boolean(other.port) !== Boolean(ref.port)),
      ),
  );
}

/** CommonRouteSpec.parentRefs: two refs to one parent have to differ in what they say of its listeners. */
export const parentRefRules = [
  rule<ParentRef[]>(
    'sectionName or port must be specified when parentRefs includes 2 or more references to the same parent',
    refs => halfSaid(refs) === -1,
    refs => [halfSaid(refs)],
  ),
  rule<ParentRef[]>(
    'sectionName or port must be unique when parentRefs includes 2 or more references to the same parent',
    refs => repeatedAt(refs, bothOf) === -1,
    refs => [repeatedAt(refs, bothOf)],
  ),
];
