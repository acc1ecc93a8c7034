import { PORTS } from './controller-ports.ts';

export const PLANES = ['envoy', 'embedded'] as const;

/** What an installation may choose. `deploy/helm/breakwater/values.yaml` has the same choices with the same defaults. */
export interface InstallOptions {
  readonly namespace: string;
  /** GatewayClasses with this `controllerName` are served. */
  readonly controllerName: string;
  readonly plane: (typeof PLANES)[number];
  readonly replicas: number;
  /** Threads of the embedded plane; undefined: as many as the CPU limit of the container lets run, or 4. */
  readonly workers: number | undefined;
  readonly image: string;
  readonly imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  /** Names of Secrets. */
  readonly imagePullSecrets: readonly string[];
  /** Namespaces whose objects are read; all when empty. */
  readonly watchNamespaces: readonly string[];
  /** Namespaces that Gateways are served in; all that are read when empty. Nothing is written elsewhere but statuses and Events. */
  readonly gatewayNamespaces: readonly string[];
  /** Name of a GatewayClass that is made too. */
  readonly gatewayClass: string | undefined;
  readonly resources: Resources;
}

export interface Resources {
  readonly requests?: Readonly<Record<string, string>>;
  readonly limits?: Readonly<Record<string, string>>;
}

/** @param version of the package, which the image has as its tag */
export function defaultInstallOptions(version: string): InstallOptions {
  return {
    namespace: 'breakwater-system',
    controllerName: 'gateway.envoyproxy.io/gatewayclass-controller',
    plane: 'envoy',
    // One that leads and one that waits.
    replicas: 2,
    workers: undefined,
    image: `breakwater:${version}`,
    imagePullPolicy: 'IfNotPresent',
    imagePullSecrets: [],
    watchNamespaces: [],
    gatewayNamespaces: [],
    gatewayClass: undefined,
    // CPU is not limited: a throttled picker makes every request wait. 5,000 routes take less than 600 MB.
    resources: { requests: { cpu: '200m', memory: '256Mi' }, limits: { memory: '1Gi' } },
  };
}

/** The Service's ports of a plane, by name. */
export function servicePorts(
  plane: InstallOptions['plane'],
): readonly { readonly name: string; readonly port: number }[] {
  const metrics = { name: 'metrics', port: PORTS.info };
  if (plane === 'embedded') return [metrics];
  return [{ name: 'xds', port: PORTS.xds }, { name: 'picker', port: PORTS.picker }, metrics];
}
