import type { ApiServer } from '../../cluster/api-server/index.ts';
import { PoolLeases } from '../../cluster/permits/index.ts';
import type { EnvoyFleet } from '../../envoy/fleet/fleet.ts';
import type { PoolHolders } from '../../plan/index.ts';
import type { OwnPod } from './own-pod.ts';

export interface FleetOptions {
  readonly server: ApiServer;
  /** Undefined outside of a cluster: this is the only replica, and Envoys reach it by the loopback address. */
  readonly pod: OwnPod | undefined;
  readonly leaseNamespace: string;
  /** Where other replicas ask about permits. */
  readonly infoPort: number;
  readonly xdsPort: number;
  readonly pickerPort: number;
}

type Notice = (message: string, severity: 'info' | 'warning' | 'error') => void;

export interface Fleet {
  readonly plane: EnvoyFleet;
  /** The pools that there are. */
  want(pools: readonly string[]): void;
  /** What other replicas ask about permits: the HTTP status to answer with; undefined: it is not about them. */
  answer(url: string): number | undefined;
  /** Holds nothing from now on. */
  letGo(): Promise<void>;
}

/** The control plane and picker of Envoys in other Pods. */
export async function startFleet(options: FleetOptions, notice: Notice): Promise<Fleet> {
  const { server, pod, leaseNamespace, infoPort, xdsPort, pickerPort } = options;
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
  const plane = await EnvoyFleet.start({
    address: pod === undefined ? LOOPBACK : '0.0.0.0',
    xdsPort,
    pickerPort,
    tls: undefined,
    holders: leases ?? soleHolder(),
    onEvent: notice,
  });
  return {
    plane,
    want: pools => leases?.want(pools),
    answer: url => (url.startsWith('/permits/') ? (leases?.answer(url) ?? 404) : undefined),
    letGo: async () => leases?.stop(),
  };
}

const LOOPBACK = '127.0.0.1';

/** Nobody else picks. */
function soleHolder(): PoolHolders {
  const hold = { sinceMs: performance.now() };
  return { holderOf: () => LOOPBACK, held: () => hold, onChange: () => () => {} };
}
