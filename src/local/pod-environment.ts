import type { Pod, ResourceSet } from '../api/index.ts';
import { expandVariables } from '../simulator/index.ts';

type Container = NonNullable<Pod['spec']>['containers'][number];

interface FromConfigMap {
  readonly configMapKeyRef?: { readonly name?: string; readonly key?: string };
}

/**
 * The variables that a container's command line can name: `envFrom` of ConfigMaps, then `env`, whose values can name those
 * before them (core/v1 EnvVar.value). Secrets and fields of the Pod are left out: `$(NAME)` stays as it is written.
 */
export function podEnvironment(
  set: ResourceSet,
  namespace: string,
  container: Container,
): Readonly<Record<string, string>> {
  const environment: Record<string, string> = {};
  const dataOf = (name: string | undefined) =>
    name === undefined ? undefined : set.get('ConfigMap', namespace, name)?.data;
  const sources = (container['envFrom'] ?? []) as readonly {
    readonly prefix?: string;
    readonly configMapRef?: { readonly name?: string };
  }[];
  for (const { prefix = '', configMapRef } of sources)
    for (const [name, value] of Object.entries(dataOf(configMapRef?.name) ?? {}))
      environment[prefix + name] = value;
  for (const { name, value, ...rest } of container.env ?? []) {
    const reference = (rest['valueFrom'] as FromConfigMap | undefined)?.configMapKeyRef;
    const text =
      value ?? (reference?.key === undefined ? undefined : dataOf(reference.name)?.[reference.key]);
    if (text !== undefined)
      environment[name] = value === undefined ? text : expandVariables(text, environment);
  }
  return environment;
}
