import type {
  EnvoyProxy,
  Gateway,
  GatewayClass,
  Namespace,
  ReferenceGrant,
  ResourceSet,
} from '../api/index.ts';
import type { PlaneKind, PluginCatalog } from '../plan/index.ts';
import { GatewayServices } from './gateway/gateway-service.ts';
import type { Operators } from './gateway/operators-annotation.ts';
import { OwnAddresses } from './gateway/own-addresses.ts';
import { Problems } from './problem.ts';

export const GATEWAY_GROUP = 'gateway.networking.k8s.io';
export const ENVOY_GATEWAY_GROUP = 'gateway.envoyproxy.io';

/** What every step of a translation may look at, and the one thing that it writes to: the problems. */
export interface Context {
  readonly set: ResourceSet;
  readonly controllerNames: ReadonlySet<string>;
  /** What the plan is for; undefined: nothing serves it. */
  readonly plane: PlaneKind | undefined;
  /** Undefined: Gateways have no Services, they are where they are bound. */
  readonly gatewayServices: GatewayServices | undefined;
  readonly parametersProblem: ParametersProblem;
  readonly proxyOf: ProxyOf;
  /** See TranslateOptions. */
  readonly onCluster: boolean;
  /** Of Gateways that do not say. */
  readonly operators: Operators;
  readonly grants: readonly ReferenceGrant[];
  /** What backends may not name. */
  readonly ownAddresses: OwnAddresses;
  /** The picker's, which a pool may name. */
  readonly plugins: PluginCatalog;
  readonly problems: Problems;
}

interface ContextOptions {
  readonly controllerNames: readonly string[];
  readonly plane?: PlaneKind;
  readonly gatewayServices?: boolean;
  readonly parametersProblem?: ParametersProblem;
  readonly proxyOf?: ProxyOf;
  readonly onCluster?: boolean;
  readonly operators?: Operators;
  readonly plugins?: PluginCatalog;
}

const NO_PLUGINS: PluginCatalog = { scorers: [], filters: [], problems: () => [] };

/** What only those who make what Gateways are made of can say. */
export type ParametersProblem = (
  set: ResourceSet,
  gateway: Gateway,
  gatewayClass: GatewayClass,
) => string | undefined;

/** What a Gateway's EnvoyProxy and its class's come to, and the one that was written last in that. */
export type ProxyOf = (
  set: ResourceSet,
  gateway: Gateway,
  gatewayClass: GatewayClass,
) => { readonly spec: EnvoyProxy['spec']; readonly object: EnvoyProxy } | undefined;

export function createContext(set: ResourceSet, options: ContextOptions): Context {
  const { controllerNames, plane, gatewayServices, parametersProblem, proxyOf, onCluster } = options;
  return {
    set,
    plane,
    proxyOf: proxyOf ?? (() => undefined),
    parametersProblem: parametersProblem ?? (() => undefined),
    gatewayServices: gatewayServices === true ? new GatewayServices(set) : undefined,
    onCluster: onCluster ?? false,
    operators: options.operators ?? 'this-machine',
    plugins: options.plugins ?? NO_PLUGINS,
    controllerNames: new Set(controllerNames),
    grants: set.list('ReferenceGrant'),
    ownAddresses: new OwnAddresses(set, onCluster ?? false),
    problems: new Problems(),
  };
}

/**
 * The labels of a namespace. One that no manifest describes has the label that Kubernetes gives to every namespace.
 */
export function namespaceLabels({ set }: Context, name: string): Readonly<Record<string, string>> {
  const namespace: Namespace | undefined = set.get('Namespace', '', name);
  return { 'kubernetes.io/metadata.name': name, ...namespace?.metadata.labels };
}
