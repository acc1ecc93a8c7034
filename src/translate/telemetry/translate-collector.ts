import { isIP } from 'node:net';
import type { EnvoyProxy } from '../../api/index.ts';
import type { Collector } from '../../plan/index.ts';
import type { BackendResolver, Resolved } from '../backend/backend.ts';
import type { ClusterRegistry } from '../backend/cluster-registry.ts';
import type { GatewayContext } from '../gateway/translate-gateway.ts';
import type { FieldPath } from '../problem.ts';
import { usable } from '../tls/backend-certificate.ts';
import type { Context } from '../translation-context.ts';

/** Envoy Gateway, BackendCluster: where something is sent to. */
export interface CollectorRefs {
  readonly backendRefs?:
    | readonly {
        readonly group?: string | undefined;
        readonly kind?: string | undefined;
        readonly namespace?: string | undefined;
        readonly name: string;
        readonly port?: number | undefined;
      }[]
    | undefined;
  readonly backendSettings?: unknown;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly headers?: Collector['headers'] | undefined;
}

const DEFAULT_PORT = 4317;

/** Makes the clusters of those whom the Envoys of one Gateway tell of requests. */
export class Collectors {
  readonly #context: Context;
  readonly #gateway: GatewayContext;
  readonly #object: EnvoyProxy;
  readonly #resolver: BackendResolver;
  readonly #clusters: ClusterRegistry;

  constructor(
    context: Context,
    gateway: GatewayContext,
    object: EnvoyProxy,
    resolver: BackendResolver,
    clusters: ClusterRegistry,
  ) {
    this.#context = context;
    this.#gateway = gateway;
    this.#object = object;
    this.#resolver = resolver;
    this.#clusters = clusters;
  }

  /** @param name unique in the EnvoyProxy; undefined: it leads nowhere, which is said */
  add(name: string, refs: CollectorRefs, path: FieldPath): Collector | undefined {
    const { metadata } = this.#gateway.gateway;
    if (refs.backendSettings !== undefined)
      this.#warn([...path, 'backendSettings'], 'has no effect: not implemented by Breakwater');
    const found = this.#find(refs, path);
    if (found === undefined) return undefined;
    const { target, authority } = found;
    const user = {
      listener: `${metadata.namespace}/${metadata.name}`,
      certificate: usable(this.#gateway.backendCertificate),
    };
    const cluster = this.#clusters.add(
      `telemetry/${metadata.namespace}/${metadata.name}/${name}`,
      { ...target, http2: true },
      undefined,
      user,
    );
    return {
      cluster,
      ...(authority === undefined ? {} : { authority }),
      headers: (refs.headers ?? []).map(each => ({ name: each.name, value: each.value })),
    };
  }

  #find({ backendRefs = [], host, port = DEFAULT_PORT }: CollectorRefs, path: FieldPath): Found | undefined {
    const [ref, ...others] = backendRefs;
    if (ref === undefined) {
      const endpoints = [{ address: host ?? '', port, weight: 1 }];
      return { target: { kind: 'backend', endpoints }, authority: host };
    }
    if (others.length > 0)
      this.#warn([...path, 'backendRefs'], 'has several backends, of which the first acts');
    const namespace = this.#object.metadata.namespace ?? '';
    const resolved = this.#resolver.resolveCollector(ref, namespace);
    const authority = authorityOf(resolved, ref.kind, ref.name, ref.namespace ?? namespace);
    switch (resolved.kind) {
      case 'service':
      case 'backend':
        return { target: resolved, authority };
      case 'empty': {
        const { tlsPolicies } = resolved;
        const target = { kind: 'service', endpoints: [], ...(tlsPolicies && { tlsPolicies }) } as const;
        return { target, authority };
      }
      case 'pool':
        this.#warn([...path, 'backendRefs', 0], 'leads nowhere: an InferencePool takes no telemetry');
        return undefined;
      case 'untrusted':
      case 'unresolved':
        this.#warn([...path, 'backendRefs', 0], `leads nowhere: ${resolved.message}`);
        return undefined;
    }
  }

  #warn(path: FieldPath, what: string): void {
    this.#context.problems.warning('field-without-effect', this.#object, path, `${path.join('.')} ${what}`);
  }
}

interface Found {
  readonly target: Extract<Resolved, { kind: 'service' | 'backend' }>;
  readonly authority: string | undefined;
}

/** Envoy Gateway, getAuthorityFromDestination: no address, of which gRPC servers make nothing. */
function authorityOf(resolved: Resolved, kind = 'Service', name: string, namespace: string): string {
  const [endpoint] = 'endpoints' in resolved ? resolved.endpoints : [];
  if (endpoint !== undefined && isIP(endpoint.address) === 0) return endpoint.address;
  return kind === 'Service' ? `${name}.${namespace}.svc` : `${name}.${namespace}`;
}
