import type { Backend, HTTPRoute, Service } from '../../api/index.ts';
import type { ClusterEndpoint } from '../../plan/index.ts';
import type { RefusedPolicies } from '../policy/refused-policies.ts';
import { POOL_GROUP_V1, POOL_GROUP_V1ALPHA2 } from '../pool/pool-key.ts';
import type { PoolCatalog, PoolContext } from '../pool/translate-pool.ts';
import { type FieldPath, fieldName } from '../problem.ts';
import { isReferencePermitted } from '../reference-permission.ts';
import type { BackendTlsIndex, TlsPolicies } from '../tls/backend-tls-index.ts';
import { type Context, ENVOY_GATEWAY_GROUP, GATEWAY_GROUP } from '../translation-context.ts';
import type { ServiceEndpoints } from './service-endpoints.ts';

/** A BackendObjectReference of the Gateway API. */
export interface BackendReference {
  readonly group?: string | undefined;
  readonly kind?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly port?: number | undefined;
}

/**
 * What a reference leads to. `empty`: it exists and nothing of it is ready; `untrusted`: it is to be spoken to over TLS, and
 * nobody is to be trusted; `unresolved`: it leads nowhere.
 */
export type Resolved =
  | { readonly kind: 'pool'; readonly pool: PoolContext; readonly http2?: true }
  | {
      readonly kind: 'service' | 'backend';
      readonly endpoints: readonly ClusterEndpoint[];
      /** HTTP/2 without an upgrade. */
      readonly http2?: true;
      /** The policies that ask for TLS; the first acts. */
      readonly tlsPolicies?: TlsPolicies;
    }
  | {
      readonly kind: 'empty';
      readonly message: string;
      readonly expectsPods: boolean;
      readonly tlsPolicies?: TlsPolicies;
    }
  | { readonly kind: 'untrusted'; readonly message: string; readonly tlsPolicies: TlsPolicies }
  | {
      readonly kind: 'unresolved';
      readonly reason: string;
      readonly message: string;
      /** The field of the reference that is to blame. */
      readonly field: string;
      /** The pool that it names, where that is there and cannot be spoken to. */
      readonly pool?: PoolContext;
    };

const POOL_GROUPS: ReadonlySet<string> = new Set([POOL_GROUP_V1, POOL_GROUP_V1ALPHA2]);

const ROUTE = { group: GATEWAY_GROUP, kind: 'HTTPRoute' };
const PROXY = { group: ENVOY_GATEWAY_GROUP, kind: 'EnvoyProxy' };

/** What a reference is written in. */
type Source = Omit<Target, 'name'>;

/** Resolves the backend references of HTTPRoutes; equal references of one namespace are resolved once. */
export class BackendResolver {
  readonly #context: Context;
  readonly #services: ServiceEndpoints;
  readonly #pools: PoolCatalog;
  readonly #tls: BackendTlsIndex;
  readonly #refused: RefusedPolicies;
  readonly #cache = new Map<string, Resolved>();

  constructor(
    context: Context,
    services: ServiceEndpoints,
    pools: PoolCatalog,
    tls: BackendTlsIndex,
    refused: RefusedPolicies,
  ) {
    this.#context = context;
    this.#services = services;
    this.#pools = pools;
    this.#tls = tls;
    this.#refused = refused;
  }

  resolve(ref: BackendReference, route: HTTPRoute): Resolved {
    return this.#cached(ref, { ...ROUTE, namespace: route.metadata.namespace ?? '' });
  }

  /** Of an EnvoyProxy: whom Envoys tell of requests, by gRPC. */
  resolveCollector(ref: BackendReference, namespace: string): Resolved {
    return this.#cached(ref, { ...PROXY, namespace });
  }

  #cached(ref: BackendReference, from: Source): Resolved {
    const { group = '', kind = 'Service', namespace = from.namespace, name, port = 0 } = ref;
    const key = [from.kind, from.namespace, group, kind, namespace, name, port].join('\0');
    let resolved = this.#cache.get(key);
    if (resolved === undefined) {
      resolved = this.#resolve({ group, kind, namespace: namespace || from.namespace, name, port }, from);
      this.#cache.set(key, resolved);
    }
    return resolved;
  }

  #resolve(to: Target & { port: number }, from: Source): Resolved {
    const isPool = POOL_GROUPS.has(to.group) && to.kind === 'InferencePool';
    const isBackend = to.group === ENVOY_GATEWAY_GROUP && to.kind === 'Backend';
    const isService = to.group === '' && to.kind === 'Service';
    if (!isPool && !isBackend && !isService) {
      return unresolved(
        'InvalidKind',
        'Kind is invalid, only Service, InferencePool and Envoy Gateway Backend are supported',
        'kind',
      );
    }
    if (!isReferencePermitted(from, to, this.#context.grants)) {
      const message = `Backend ref to ${to.kind} ${to.namespace}/${to.name} not permitted by any ReferenceGrant`;
      return unresolved('RefNotPermitted', message, 'namespace');
    }
    const refusal = this.#refused.ofBackend(to.group, to.kind, to.namespace, to.name);
    if (refusal !== undefined) return unresolved('UnsupportedValue', refusal);
    if (isPool) return this.#pool(to);
    const speaksGrpc = from.kind === PROXY.kind;
    return isBackend ? this.#backend(to, speaksGrpc) : this.#service(to, speaksGrpc);
  }

  #pool({ group, namespace, name }: Target): Resolved {
    const pool = this.#pools.get(group, namespace, name);
    if (pool === undefined)
      return unresolved('BackendNotFound', `InferencePool ${namespace}/${name} not found`);
    if (pool.unsupported !== undefined) {
      const { reason } = pool.unsupported;
      const message = `InferencePool ${namespace}/${name}: ${pool.unsupported.message}`;
      return { kind: 'unresolved', reason, message, field: 'name', pool };
    }
    return { kind: 'pool', pool, ...(pool.http2 ? { http2: true } : {}) };
  }

  #backend({ namespace, name }: Target, speaksGrpc: boolean): Resolved {
    const backend: Backend | undefined = this.#context.set.get('Backend', namespace, name);
    if (backend === undefined) return unresolved('BackendNotFound', `Backend ${namespace}/${name} not found`);
    if (backend.spec.type === 'DynamicResolver') {
      return unresolved(
        'UnsupportedValue',
        `Backend ${namespace}/${name} is of type DynamicResolver, which is not supported`,
      );
    }
    const http2 = this.#context.plane === 'envoy' && backend.spec.appProtocols?.includes(H2C) === true;
    const secure = secureProtocol(backend, speaksGrpc || http2);
    if (secure !== undefined)
      return unresolved(
        'UnsupportedValue',
        `Backend ${namespace}/${name}: ${secure} is not supported, ${PLAIN_HTTP}`,
      );
    this.#reportIdle(backend);
    const endpoints: ClusterEndpoint[] = [];
    for (const [index, { ip, fqdn }] of (backend.spec.endpoints ?? []).entries()) {
      const refusal = this.#addressRefusal(backend, index);
      if (refusal !== undefined)
        return unresolved('UnsupportedAddressType', `Backend ${namespace}/${name}: ${refusal}`);
      if (ip) endpoints.push({ address: ip.address, port: ip.port, weight: 1 });
      else if (fqdn) endpoints.push({ address: fqdn.hostname, port: fqdn.port, weight: 1 });
      else
        return unresolved(
          'UnsupportedAddressType',
          'unix domain sockets are not supported in backend references',
        );
    }
    const policies = this.#tls.lookup('Backend', namespace, name);
    if (endpoints.length > 0)
      return secured({ kind: 'backend', endpoints, ...(http2 ? { http2 } : {}) }, policies);
    const message = `Backend ${namespace}/${name} has no endpoints`;
    return secured({ kind: 'empty', message, expectsPods: false }, policies);
  }

  #reportIdle(backend: Backend): void {
    const idle = (path: FieldPath) => {
      const message = `${fieldName(path)} has no effect: not implemented by Breakwater`;
      this.#context.problems.warning('field-without-effect', backend, path, message);
    };
    if (backend.spec.fallback) idle(['spec', 'fallback']);
    for (const [index, endpoint] of (backend.spec.endpoints ?? []).entries())
      for (const field of ['hostname', 'zone'] as const)
        if (endpoint[field] !== undefined) idle(['spec', 'endpoints', index, field]);
  }

  #addressRefusal(backend: Backend, index: number): string | undefined {
    const { ip, fqdn } = backend.spec.endpoints![index]!;
    const host = ip?.address ?? fqdn?.hostname;
    if (host === undefined) return undefined;
    const refusal = this.#context.ownAddresses.refusal(host, fqdn !== undefined);
    if (refusal === undefined) return undefined;
    const path = [
      'spec',
      'endpoints',
      index,
      ...(ip === undefined ? ['fqdn', 'hostname'] : ['ip', 'address']),
    ];
    this.#context.problems.error('backend-address-refused', backend, path, `${refusal}: requests get 500`);
    return refusal;
  }

  #service({ namespace, name, port }: Target & { port: number }, speaksGrpc: boolean): Resolved {
    if (port === 0) {
      const message = 'A valid port number corresponding to a port on the Service must be specified';
      return unresolved('PortNotSpecified', message, 'port');
    }
    const service: Service | undefined = this.#context.set.get('Service', namespace, name);
    if (service === undefined) return unresolved('BackendNotFound', `service ${namespace}/${name} not found`);
    if (service.spec.type === 'ExternalName') {
      const message = `Service ${namespace}/${name} is of type ExternalName, which is not supported as a backend; use an Envoy Gateway Backend resource with an FQDN endpoint instead`;
      return unresolved('UnsupportedValue', message);
    }
    const servicePort = service.spec.ports?.find(p => p.port === port && (p.protocol ?? 'TCP') === 'TCP');
    if (servicePort === undefined) {
      return unresolved('PortNotFound', `TCP Port ${port} not found on Service ${namespace}/${name}`, 'port');
    }
    const policies = this.#tls.lookup('Service', namespace, name, servicePort.name);
    const http2 = servicePort.appProtocol === 'kubernetes.io/h2c' && this.#context.plane === 'envoy';
    const unsupported =
      http2 || speaksGrpc ? undefined : unsupportedProtocol(servicePort.appProtocol, policies !== undefined);
    if (unsupported !== undefined)
      return unresolved('UnsupportedProtocol', `Service ${namespace}/${name}: ${unsupported}`, 'port');
    const endpoints = this.#services.of(service, servicePort);
    if (endpoints.length > 0)
      return secured({ kind: 'service', endpoints, ...(http2 ? { http2 } : {}) }, policies);
    const expectsPods = this.#services.expectsPods(service);
    const why = expectsPods ? '' : `: ${this.#services.whyEmpty(service)}`;
    const message = `no ready endpoints for Service ${namespace}/${name} port ${port}${why}`;
    return secured({ kind: 'empty', message, expectsPods }, policies);
  }
}

interface Target {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Backend.spec.appProtocols of Envoy Gateway. */
const H2C = 'gateway.envoyproxy.io/h2c';
const PLAIN_HTTP = 'connections to backends are HTTP/1.1';

/** What would have to be spoken to the endpoints, where it is not plain HTTP/1.1: nothing else is sent to them instead. */
function secureProtocol({ spec }: Backend, speaksHttp2: boolean): string | undefined {
  if (spec.tls !== undefined) return 'tls';
  const protocol = spec.appProtocols?.find(
    each => each !== 'gateway.envoyproxy.io/ws' && !(speaksHttp2 && each === H2C),
  );
  return protocol && `appProtocol ${protocol}`;
}

/** The same over TLS, where policies ask for that. */
function secured(
  resolved: Extract<Resolved, { kind: 'service' | 'backend' | 'empty' }>,
  tlsPolicies: TlsPolicies | undefined,
): Resolved {
  if (tlsPolicies === undefined) return resolved;
  const [{ policy, verdict }] = tlsPolicies;
  if (verdict.tls !== undefined) return { ...resolved, tlsPolicies };
  const message = `BackendTLSPolicy ${policy.metadata.namespace}/${policy.metadata.name} ${verdict.invalid === undefined ? 'has nothing to trust' : 'cannot be applied'}`;
  return { kind: 'untrusted', message, tlsPolicies };
}

/** Upstream connections are plain HTTP/1.1 (Gateway API, GEP-1911: a protocol that is not supported is said so). */
function unsupportedProtocol(appProtocol: string | undefined, secure: boolean): string | undefined {
  switch (appProtocol) {
    case undefined:
    case '':
    case 'http':
    case 'kubernetes.io/ws':
      return undefined;
    case 'kubernetes.io/wss':
    case 'https':
      return secure ? undefined : `appProtocol ${appProtocol} needs a BackendTLSPolicy`;
    case 'kubernetes.io/h2c':
    case 'grpc':
      return `appProtocol ${appProtocol} is not supported, ${PLAIN_HTTP}`;
    default:
      return undefined;
  }
}

function unresolved(reason: string, message: string, field = 'name'): Resolved {
  return { kind: 'unresolved', reason, message, field };
}
