import type { FaultLog } from '../kernel/index.ts';
import type { ScopeHandle } from '../limits/index.ts';
import type { Cluster } from '../plan/index.ts';
import type { ForwardTo, HostTable, LifeParts, RequestCounters, Target } from '../request/index.ts';
import type { UpstreamConnections } from './codec/upstream-stream.ts';
import type { ProxyLimits } from './defaults.ts';

/** A cluster of the plan as one worker serves it. */
export interface ClusterRuntime extends Target {
  readonly cluster: Cluster;
  readonly scope: ScopeHandle;
  readonly connections: UpstreamConnections;
}

/** Where a request goes, of this worker's clusters. */
export type Forward = ForwardTo<ClusterRuntime>;

/** What a request finds in its worker when it begins; it keeps it to its end. */
export interface RequestContext extends LifeParts {
  readonly hosts: HostTable;
  readonly clusters: ReadonlyMap<string, ClusterRuntime>;
  readonly bounds: ProxyLimits;
  /** Of what never became a request as well. */
  readonly counters: RequestCounters;
  /** Is told what of ours threw. */
  readonly faults: FaultLog;
  /** Where the server is really reached, for redirects. */
  readonly publicPort: () => number;
}
