import { expandVariables } from '../../../../src/simulator/index.ts';
import { downward, type PodAddresses } from './downward.ts';

import type { Container, EnvironmentVariable, KeyRef, LabPod } from './pod.ts';

/** The texts of a ConfigMap or Secret of the Pod's namespace; undefined: there is none. */
export type Texts = (
  kind: 'ConfigMap' | 'Secret',
  name: string,
) => Readonly<Record<string, Buffer>> | undefined;

/**
 * A container's environment, as a kubelet makes it: `envFrom`, then `env`, whose values may name variables before them. Fails on
 * what is not there and not optional.
 */
export function environmentOf(
  container: Container,
  pod: LabPod,
  addresses: PodAddresses,
  texts: Texts,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const environment: Record<string, string> = { ...given };
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const ref = configMapRef ?? secretRef;
    if (ref === undefined) continue;
    const kind = configMapRef === undefined ? 'Secret' : 'ConfigMap';
    const data = texts(kind, ref.name);
    if (data === undefined && ref.optional !== true) throw new Error(`${kind} ${ref.name} not found`);
    for (const [key, value] of Object.entries(data ?? {})) environment[prefix + key] = value.toString();
  }
  for (const variable of container.env ?? []) {
    const value = valueFor(variable, container, pod, addresses, texts);
    if (value === undefined) continue;
    environment[variable.name] =
      variable.valueFrom === undefined ? expandVariables(value, environment) : value;
  }
  return environment;
}

function valueFor(
  { value = '', valueFrom }: EnvironmentVariable,
  container: Container,
  pod: LabPod,
  addresses: PodAddresses,
  texts: Texts,
): string | undefined {
  if (valueFrom === undefined) return value;
  const { configMapKeyRef, secretKeyRef } = valueFrom;
  if (configMapKeyRef !== undefined) return keyOf('ConfigMap', configMapKeyRef, texts);
  if (secretKeyRef !== undefined) return keyOf('Secret', secretKeyRef, texts);
  return downward(valueFrom, pod, addresses, container);
}

function keyOf(kind: 'ConfigMap' | 'Secret', ref: KeyRef, texts: Texts): string | undefined {
  const value = texts(kind, ref.name)?.[ref.key];
  if (value === undefined && ref.optional !== true)
    throw new Error(`${kind} ${ref.name} has no key ${ref.key}`);
  return value?.toString();
}
