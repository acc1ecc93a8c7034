/** What a Lease says of its holder: the part of coordination.k8s.io/v1 LeaseSpec that an election reads and writes. */
export interface LeaseRecord {
  /** LeaseSpec.holderIdentity; '' after a release. */
  readonly holder: string;
  /** Of the process that wrote it, see {@link HOLDER_TOKEN}; '' where another program did. */
  readonly token: string;
  /** LeaseSpec.leaseDurationSeconds; 0 where it is missing. */
  readonly durationMs: number;
  /** LeaseSpec.acquireTime and renewTime: for people. No decision is made of them, so that clocks may be wrong or jump. */
  readonly acquiredAt: string;
  readonly renewedAt: string;
  /** LeaseSpec.leaseTransitions */
  readonly transitions: number;
}

/** A record and the resourceVersion that it was read at. */
export interface Lease {
  readonly version: string;
  readonly record: LeaseRecord;
}

/**
 * Annotation with a random number of the process that holds the Lease: two processes with one identity (a host name that
 * two replicas share, or a process and the one that was started in its place) are told apart by it.
 */
const HOLDER_TOKEN = 'breakwater.dev/holder-token';

/** Objects of the API server, as far as an election looks into them. */
export interface LeaseObject {
  readonly apiVersion: 'coordination.k8s.io/v1';
  readonly kind: 'Lease';
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: string;
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
}

export function leaseOf({ metadata, spec = {} }: LeaseObject): Lease {
  return {
    version: metadata.resourceVersion ?? '',
    record: {
      holder: spec.holderIdentity ?? '',
      token: metadata.annotations?.[HOLDER_TOKEN] ?? '',
      durationMs: (spec.leaseDurationSeconds ?? 0) * 1000,
      acquiredAt: spec.acquireTime ?? '',
      renewedAt: spec.renewTime ?? '',
      transitions: spec.leaseTransitions ?? 0,
    },
  };
}

/** Where the Leases of a namespace are at an API server. */
export function leasesPath(namespace: string): string {
  return `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
}

/**
 * DeleteOptions.
 * @param version nobody may have written it since; undefined: whatever it is
 */
export function deleteOptions(version: string | undefined): object {
  const preconditions = version === undefined ? {} : { preconditions: { resourceVersion: version } };
  return { apiVersion: 'v1', kind: 'DeleteOptions', ...preconditions };
}

/**
 * @param version of the Lease that this replaces; absent: it is made
 * @param annotations beside the holder's token
 */
export function leaseObject(
  { namespace, name }: { readonly namespace: string; readonly name: string },
  record: LeaseRecord,
  version?: string,
  annotations: Readonly<Record<string, string>> = {},
): LeaseObject {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name,
      namespace,
      ...(version === undefined ? {} : { resourceVersion: version }),
      annotations: { ...annotations, [HOLDER_TOKEN]: record.token },
    },
    spec: {
      holderIdentity: record.holder,
      // LeaseSpec: must be greater than 0.
      leaseDurationSeconds: Math.max(1, Math.ceil(record.durationMs / 1000)),
      ...(record.acquiredAt === '' ? {} : { acquireTime: record.acquiredAt }),
      ...(record.renewedAt === '' ? {} : { renewTime: record.renewedAt }),
      leaseTransitions: record.transitions,
    },
  };
}

/** metav1.MicroTime: RFC 3339 with six digits. */
export function microTime(wallMs: number): string {
  return `${new Date(wallMs).toISOString().slice(0, -1)}000Z`;
}
