import { createHash } from 'node:crypto';
import { CARRIER_TIMES } from '../election/index.ts';

const POOL = 'breakwater-pool-';
const REPLICA = 'breakwater-replica-';
const REPORT = 'breakwater-report-';

/** Annotation of a pool's Lease: the pool's `NAMESPACE/NAME`, which the Lease's own name cannot hold. */
export const POOL_ANNOTATION = 'breakwater.dev/pool';

/** Annotation of a replica's report: what it tells the others. */
export const REPORT_ANNOTATION = 'breakwater.dev/envoys';

/** Times of a replica's Lease. */
export const REPLICA_TIMES = CARRIER_TIMES;

/** A write of a Lease must be answered in this time. */
export const WRITE_TIMEOUT_MS = 2_000;

/** A write that failed is tried again after this. */
export const RETRY_MS = 1_000;

/** A Lease that nobody needs any more is removed after this. */
export const FORGOTTEN_MS = 60_000;

/** The Lease that names the holder of a pool. */
export function poolLeaseName(pool: string): string {
  return `${POOL}${hash(pool).slice(0, 16)}`;
}

/** The Lease that a replica renews as long as it lives. */
export function replicaLeaseName(pod: string): string {
  return `${REPLICA}${pod}`.slice(0, 253);
}

/** The Lease by which a replica tells the others of its Envoys. */
export function reportLeaseName(pod: string): string {
  return `${REPORT}${pod}`.slice(0, 253);
}

export function leaseKind(name: string): 'pool' | 'replica' | 'report' | undefined {
  if (name.startsWith(POOL)) return 'pool';
  if (name.startsWith(REPORT)) return 'report';
  return name.startsWith(REPLICA) ? 'replica' : undefined;
}

/** Where a replica answers its peers: its Pod's address, and the port of `--info-port`. */
export interface ReplicaAddress {
  /** IPv6 without brackets. */
  readonly ip: string;
  readonly port: number;
}

/** LeaseSpec.holderIdentity: `POD_IP:PORT`; IPv6 in brackets. Names of Pods have no underscore. */
export function holderIdentity(pod: string, { ip, port }: ReplicaAddress): string {
  return `${pod}_${ip.includes(':') ? `[${ip}]` : ip}:${port}`;
}

/** Undefined where another program wrote it. */
export function addressIn(identity: string): ReplicaAddress | undefined {
  const { ip, v6, port } =
    /_(?:\[(?<v6>[^\]]+)\]|(?<ip>[^:[\]]+)):(?<port>\d{1,5})$/.exec(identity)?.groups ?? {};
  const host = v6 ?? ip;
  return host === undefined ? undefined : { ip: host, port: Number(port) };
}

/**
 * Who of the replicas takes a pool that nobody holds: each pool has an order of its own of them (rendezvous hashing), so that
 * pools spread evenly and few move when a replica comes or goes.
 */
export function preferred(pool: string, replicas: readonly string[]): string | undefined {
  let best: { readonly replica: string; readonly weight: string } | undefined;
  for (const replica of replicas) {
    const weight = hash(`${pool}\0${replica}`);
    if (best === undefined || weight > best.weight) best = { replica, weight };
  }
  return best?.replica;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
