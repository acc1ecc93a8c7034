import {
  clusterRules,
  type InstallOptions,
  infrastructureRules,
  namespaceRules,
  ownRules,
} from '../../../src/install/index.ts';
import type { Audited } from '../lab/index.ts';

/** `VERB RESOURCE.GROUP` of all that the installed service account may do. */
export function granted(plane: InstallOptions['plane']): Set<string> {
  return new Set(
    [...clusterRules(), ...namespaceRules(), ...infrastructureRules(plane), ...ownRules(plane)].flatMap(
      ({ apiGroups, resources, verbs }) =>
        apiGroups.flatMap(group =>
          resources.flatMap(resource => verbs.map(verb => right(verb, resource, group))),
        ),
    ),
  );
}

/** The rights that a request needs; none where it is not about objects. */
export function neededBy({ verb, objectRef, responseStatus }: Audited): string[] {
  if (objectRef === undefined) return [];
  const { resource, subresource, apiGroup = '' } = objectRef;
  const name = subresource === undefined ? resource : `${resource}/${subresource}`;
  // Server-side apply of what is not there: handlers/patch.go asks for `create` as well.
  const verbs = verb === 'patch' && responseStatus?.code === 201 ? [verb, 'create'] : [verb];
  return verbs.map(each => right(each, name, apiGroup));
}

function right(verb: string, resource: string, group: string): string {
  return `${verb} ${resource}${group === '' ? '' : `.${group}`}`;
}
