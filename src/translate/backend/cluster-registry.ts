import { sameJson } from '../../api/index.ts';
import type {
  BackendTls,
  Certificate,
  Cluster,
  ClusterEndpoint,
  LimitScope,
  Pool,
} from '../../plan/index.ts';
import { DEFAULT_THRESHOLDS } from '../../plan/index.ts';
import type { EffectivePolicy, PolicyIndex } from '../policy/policy-index.ts';
import { compareText } from '../precedence.ts';
import { objectRef } from '../problem.ts';
import type { Resolved } from './backend.ts';

/** Envoy Gateway's (tcpClusterPerConnectTimeout). */
const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
/** Shorter than what model servers allow: vLLM (uvicorn) closes an idle connection after 5 s, and a request may be on its way then. */
const DEFAULT_IDLE_TIMEOUT_MS = 4000;
/** Envoy's (CommonLbConfig.healthy_panic_threshold). */
const DEFAULT_PANIC_THRESHOLD_PERCENT = 50;

/** The listener whose routes lead to a cluster. */
export interface ClusterUser {
  /** `NAMESPACE/GATEWAY/LISTENER`, with the listener's name in the plan */
  readonly listener: string;
  /** What its Gateway shows to backends that speak TLS. */
  readonly certificate: Certificate | undefined;
}

export type Reachable = Extract<Resolved, { kind: 'pool' | 'service' | 'backend' }>;

export function isReachable(resolved: Resolved): resolved is Reachable {
  return resolved.kind === 'pool' || resolved.kind === 'service' || resolved.kind === 'backend';
}

/** A cluster that is there, by what it is made of. */
interface Variant {
  readonly made: readonly unknown[];
  readonly unique: string;
}

/** Collects the clusters that routes send to, with the pools and limits behind them. */
export class ClusterRegistry {
  readonly #policies: PolicyIndex;
  readonly #clusters = new Map<string, Cluster>();
  readonly #pools = new Map<string, Pool>();
  readonly #limits = new Map<string, LimitScope>();
  /** Clusters of different settings, by the name that they asked for. */
  readonly #variants = new Map<string, Variant[]>();

  constructor(policies: PolicyIndex) {
    this.#policies = policies;
  }

  /**
   * The name of the cluster for a backend. One backendRef has one cluster and so one limit, over all listeners; only
   * where listeners give it different policies, or their Gateways different certificates, has it several, of which all but
   * the first are named after the listener.
   */
  add(name: string, target: Reachable, effective: EffectivePolicy | undefined, user: ClusterUser): string {
    const tls = tlsOf(target, user);
    const settings = {
      ...settingsOf(effective),
      ...(tls === undefined ? {} : { tls }),
      ...('http2' in target && target.http2 ? { http2: target.http2 } : {}),
    };
    const made = [settings, effective?.features.thresholds ?? DEFAULT_THRESHOLDS];
    const variants = this.#variants.get(name);
    const known = variants?.find(each => sameJson(each.made, made));
    if (known !== undefined) return known.unique;

    const unique = variants === undefined ? name : `${name}@${user.listener}`;
    if (variants === undefined) this.#variants.set(name, [{ made, unique }]);
    else variants.push({ made, unique });
    const poolLimit = target.kind === 'pool' ? this.#addPool(target) : undefined;
    const thresholds = effective?.features.thresholds;
    this.#limits.set(unique, {
      name: unique,
      thresholds: thresholds ?? DEFAULT_THRESHOLDS,
      ...(thresholds === undefined || effective === undefined ? {} : { policy: objectRef(effective.policy) }),
    });
    this.#clusters.set(unique, {
      name: unique,
      kind: target.kind,
      ...(target.kind === 'pool' ? { pool: target.pool.plan.name } : {}),
      endpoints: target.kind === 'pool' ? NO_ENDPOINTS : target.endpoints,
      limit: unique,
      ...(poolLimit === undefined ? {} : { poolLimit }),
      ...settings,
    });
    return unique;
  }

  /** Why nothing may be sent to a backend, whatever leads to it; undefined: it may. */
  refusal(target: Reachable): string | undefined {
    return target.kind === 'pool' ? this.#policies.poolRefusal(target.pool) : undefined;
  }

  content(): { clusters: Cluster[]; pools: Pool[]; limits: LimitScope[] } {
    return { clusters: byName(this.#clusters), pools: byName(this.#pools), limits: byName(this.#limits) };
  }

  #addPool({ pool }: Extract<Reachable, { kind: 'pool' }>): string | undefined {
    this.#pools.set(pool.plan.name, pool.plan);
    const limit = this.#policies.poolLimit(pool);
    if (limit !== undefined) this.#limits.set(limit.name, limit);
    return limit?.name;
  }
}

function tlsOf(target: Reachable, { certificate }: ClusterUser): BackendTls | undefined {
  const tls = target.kind === 'pool' ? undefined : target.tlsPolicies?.[0].verdict.tls;
  return tls === undefined || certificate === undefined ? tls : { ...tls, clientCertificate: certificate };
}

const NO_ENDPOINTS: readonly ClusterEndpoint[] = [];

type Settings = Pick<
  Cluster,
  | 'connectTimeoutMs'
  | 'idleTimeoutMs'
  | 'maxConnectionDurationMs'
  | 'outlierDetection'
  | 'activeHealthCheck'
  | 'panicThresholdPercent'
>;

function settingsOf(effective: EffectivePolicy | undefined): Settings {
  const features = effective?.features ?? {};
  return {
    connectTimeoutMs: features.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
    idleTimeoutMs: features.idleTimeoutMs ?? DEFAULT_IDLE_TIMEOUT_MS,
    ...(features.maxConnectionDurationMs === undefined
      ? {}
      : { maxConnectionDurationMs: features.maxConnectionDurationMs }),
    ...(features.outlierDetection === undefined ? {} : { outlierDetection: features.outlierDetection }),
    ...(features.activeHealthCheck === undefined ? {} : { activeHealthCheck: features.activeHealthCheck }),
    panicThresholdPercent: features.panicThresholdPercent ?? DEFAULT_PANIC_THRESHOLD_PERCENT,
  };
}

function byName<T extends { readonly name: string }>(map: ReadonlyMap<string, T>): T[] {
  return [...map.values()].sort((a, b) => compareText(a.name, b.name));
}
