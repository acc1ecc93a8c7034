import type { FaultLog } from '../../kernel/index.ts';
import type { Limits, ScopeHandle } from '../../limits/index.ts';
import type { Cluster } from '../../plan/index.ts';
import type { UpstreamConnections } from './upstream-stream.ts';

/** Asked for when a request queues: other workers may hold idle connections that count in the same limit. */
export type AskForIdle = (scopeSlot: number) => void;

/** What the connections of a cluster are made with. */
export interface ConnectionParts {
  readonly cluster: Cluster;
  readonly scope: ScopeHandle;
  readonly limits: Limits;
  readonly endpointScope: (endpoint: string) => ScopeHandle | undefined;
  readonly askForIdle: AskForIdle;
  readonly faults: FaultLog;
}

/** A protocol that model servers are spoken to in. */
export interface UpstreamCodec {
  /** The servers of this cluster speak it. */
  speaks(cluster: Cluster): boolean;
  connections(parts: ConnectionParts): UpstreamConnections;
}
