import type { ByteBudget, FaultLog } from '../kernel/index.ts';
import type { Limits, ScopeHandle } from '../limits/index.ts';
import type { ExternalPicking } from '../picker/index.ts';
import type { Cluster } from '../plan/index.ts';
import type { DecisionLog, EndpointChoice, RequestCounters } from '../request/index.ts';
import type { ProxyLimits } from './defaults.ts';
import type { HostTable } from './route/host-table.ts';
import type { ConnectionPool } from './upstream/connection-pool.ts';

/** A cluster of the plan as one worker serves it. */
export interface ClusterRuntime {
  readonly cluster: Cluster;
  readonly scope: ScopeHandle;
  readonly poolScope: ScopeHandle | undefined;
  readonly connections: ConnectionPool;
  readonly choice: EndpointChoice;
  /** Asked instead of {@link choice}, of a pool that has one. */
  readonly external: ExternalPicking | undefined;
}

/** What a request finds in its worker when it begins; it keeps it to its end. */
export interface RequestContext {
  readonly hosts: HostTable;
  readonly clusters: ReadonlyMap<string, ClusterRuntime>;
  readonly limits: Limits;
  /** What is held of all request bodies. */
  readonly bodies: ByteBudget;
  readonly bounds: ProxyLimits;
  readonly decisions: DecisionLog;
  readonly counters: RequestCounters;
  /** Is told what of ours threw. */
  readonly faults: FaultLog;
  /** Where the server is really reached, for redirects. */
  readonly publicPort: () => number;
}
