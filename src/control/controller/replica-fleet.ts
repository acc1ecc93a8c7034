import type { ApiServer } from '../../cluster/api-server/index.ts';
import { CertificateStore } from '../../cluster/certificates/index.ts';
import { PoolLeases } from '../../cluster/permits/index.ts';
import type { EnvoyFleet } from '../../envoy/fleet/fleet.ts';
import { monotonicMs } from '../../kernel/index.ts';
import type { PoolOwners } from '../../plane/index.ts';
import { lookUpWith } from '../../proxy/names/lookup.ts';
import { notOwn, type OwnerOf } from '../../proxy/names/not-own.ts';
import { PlanNames } from '../../proxy/names/plan-names.ts';
import { type ControlPlaneCertificates, gatewayUri, trustBundle } from '../../tls/index.ts';
import { listenError } from '../listen-error.ts';
import type { OwnPod } from './own-pod.ts';

export interface FleetOptions {
  readonly server: ApiServer;
  /** Undefined outside of a cluster: this is the only replica, and Envoys reach it by the loopback address. */
  readonly pod: OwnPod | undefined;
  readonly leaseNamespace: string;
  /** Where other replicas ask about permits. */
  readonly infoPort: number;
  readonly heldBodyBytes?: number;
  readonly xdsPort: number;
  readonly pickerPort: number;
  /** Whose addresses names must not lead to. */
  readonly ownerOf: OwnerOf;
  /** Ends the wait for certificates. */
  readonly signal: AbortSignal;
}

type Notice = (message: string, severity: 'info' | 'warning' | 'error') => void;

export interface Fleet {
  readonly plane: EnvoyFleet;
  /** Undefined outside of a cluster, where Envoys are spoken to in plain text. */
  readonly certificates: CertificateStore | undefined;
  /** The pools that there are. */
  want(pools: readonly string[]): void;
  /** The Pods of Envoys that are to end: `NAMESPACE/NAME`. */
  end(pods: ReadonlySet<string>): void;
  /** What other replicas ask about permits: the HTTP status to answer with; undefined: it is not about them. */
  answer(url: string): number | undefined;
  /** Holds nothing from now on. */
  letGo(): Promise<void>;
  close(): void;
}

/** The control plane and picker of Envoys in other Pods. */
export async function startFleet(options: FleetOptions, notice: Notice): Promise<Fleet> {
  const { server, pod, leaseNamespace, infoPort, heldBodyBytes, xdsPort, pickerPort, ownerOf, signal } =
    options;
  const { EnvoyFleet } = await import('../../envoy/fleet/fleet.ts');
  const leases =
    pod === undefined
      ? undefined
      : new PoolLeases({
          server,
          namespace: leaseNamespace,
          pod: pod.name,
          address: { ip: pod.ip, port: infoPort },
          onProblem: message => notice(message, 'warning'),
        });
  const certificates =
    pod && (await CertificateStore.start({ server, namespace: pod.namespace, notice }, signal));
  const plane = await EnvoyFleet.start({
    address: pod === undefined ? LOOPBACK : '0.0.0.0',
    xdsPort,
    pickerPort,
    ...(pod && { self: pod.ip }),
    ...(heldBodyBytes === undefined ? {} : { pickerBounds: { maxHeldBytes: heldBodyBytes } }),
    tls: certificates && tlsOf(certificates.current),
    uriOf: gatewayUri,
    // What a tenant's DNS says is looked at before an Envoy is told of it: names may lead to the Envoy's own Pod.
    names: new PlanNames({ lookUp: notOwn(lookUpWith({}), notice, ownerOf), onEvent: notice }),
    owners: leases ?? soleOwner(),
    replicas: leases,
    onEvent: notice,
  }).catch(cause => {
    throw listenError(cause);
  });
  certificates?.onChange(renewed => plane.setTls(tlsOf(renewed)));
  return {
    plane,
    certificates,
    want: pools => leases?.want(pools),
    end: pods => plane.end(pods),
    answer: url => (url.startsWith('/permits/') ? (leases?.answer(url) ?? 404) : undefined),
    letGo: async () => leases?.stop(),
    close: () => certificates?.close(),
  };
}

const LOOPBACK = '127.0.0.1';

function tlsOf({ authority, server }: ControlPlaneCertificates) {
  return { ...server, ca: trustBundle(authority) };
}

/** Nobody else picks. */
function soleOwner(): PoolOwners {
  const held = { sinceMs: monotonicMs() };
  return { ownerOf: () => LOOPBACK, held: () => held, onChange: () => () => {} };
}
