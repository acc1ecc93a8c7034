import { buildResourceSet, type ResourceSet } from '../../api/index.ts';
import type { ClusterSource } from '../../cluster/source/index.ts';
import type { Source, SourceProblem } from '../../source/index.ts';
import { type Contested, contestedClasses } from './contested.ts';

/**
 * The objects of a cluster without the GatewayClasses that another controller answers for as well: they are served by nobody here,
 * unless they were before.
 */
export interface ContestedSource extends Source {
  contested(): readonly Contested[];
}

export function withoutContested(base: ClusterSource, controllerName: string): ContestedSource {
  let given: ResourceSet | undefined;
  let contested: readonly Contested[] = [];
  let set: ResourceSet | undefined;
  const look = () => {
    const all = base.current();
    if (all === given && set !== undefined) return set;
    given = all;
    contested = contestedClasses(all, controllerName, name => base.statusManagers(name));
    const names = new Set(
      contested.flatMap(({ gatewayClass, isServed }) => (isServed ? [] : [gatewayClass.metadata.name])),
    );
    set =
      names.size === 0
        ? all
        : buildResourceSet(
            all
              .all()
              .flatMap(object =>
                object.kind === 'GatewayClass' && names.has(object.metadata.name) ? [] : { object },
              ),
          );
    return set;
  };
  return {
    current: look,
    contested() {
      look();
      return contested;
    },
    problems(): readonly SourceProblem[] {
      look();
      return [
        ...contested.map(each => ({
          severity: 'error' as const,
          file: `/apis/gateway.networking.k8s.io/v1/gatewayclasses/${each.gatewayClass.metadata.name}`,
          line: 1,
          column: 1,
          object: `GatewayClass ${each.gatewayClass.metadata.name}`,
          message: contestedMessage(each),
        })),
        ...base.problems(),
      ];
    },
    onChange: listener => base.onChange(listener),
    close: () => base.close(),
  };
}

export function contestedMessage({ gatewayClass, by, isServed }: Contested): string {
  const { metadata, spec } = gatewayClass;
  const what = isServed
    ? 'is served as before, but no status of its Gateways, nor of what is attached to them, is written'
    : 'is not served';
  return `GatewayClass ${metadata.name} ${what}: Envoy Gateway (Deployment ${by}) answers to the controllerName ${spec.controllerName} as well. Give one of the two another: --controller-name here, or gateway.controllerName in the ConfigMap envoy-gateway-config there`;
}
