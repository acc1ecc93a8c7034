import type { Plan } from '../../plan/index.ts';
import type { PoolOwners } from '../../plane/index.ts';
import type { ControlPlaneTls } from '../../tls/index.ts';
import type { ExtProcBounds } from '../ext-proc/ext-proc-bounds.ts';
import type { RetryTimes } from './member.ts';
import type { ReplicaReports } from './other-replicas.ts';

export interface EnvoyFleetOptions {
  /** Where both servers listen. */
  readonly address: string;
  /** 0: a free one. */
  readonly xdsPort: number;
  readonly pickerPort: number;
  /** IP address by which Envoys reach this replica. Default: the loopback address. */
  readonly self?: string;
  /** Envoys and this side know each other by certificates; undefined: plain text. */
  readonly tls: ControlPlaneTls | undefined;
  /** Where Envoys have their SDS files. Default: as in the Pods that are made for Gateways. */
  readonly sdsFolder?: string;
  /** The URI that the certificate of a Gateway's Envoys is for. @param gateway `NAMESPACE/NAME` */
  readonly uriOf?: (gateway: string) => string;
  /** Which replica holds which pool's permits. */
  readonly owners: PoolOwners;
  /** Where Envoys may be connected too; undefined: this is the only replica. */
  readonly replicas?: ReplicaReports | undefined;
  /** Default: {@link RETRY_TIMES}. */
  readonly retry?: RetryTimes;
  readonly pickerBounds?: Partial<ExtProcBounds>;
  /** Resolves host names on this side, where it is seen what they lead to. Default: Envoys resolve them. */
  readonly names?: PlanNames;
  /** Of the picker's tables. Default: as the embedded plane's. */
  readonly tableRows?: number;
  readonly onEvent: (message: string, severity: 'info' | 'warning' | 'error') => void;
}

export interface PlanNames {
  /** Asks for the names of a plan that is to be used. Resolves when something is known of each, or after a while. */
  follow(plan: Plan): Promise<void>;
  /** @returns the plan with addresses in the place of its names; it is the one that is in use now */
  use(plan: Plan): Plan;
  onChange(listener: () => void): void;
  close(): void;
}
