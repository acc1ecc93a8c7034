import type { Server, ServerReport } from '../plan/index.ts';
import type { ExtProcBounds } from './ext-proc/ext-proc-bounds.ts';
import type { EnvoyLogLine } from './process/log-line.ts';
import type { BoundAt } from './resources/listener/listener-message.ts';

export interface EnvoyPlaneOptions {
  /** Of the executable. */
  readonly envoyPath: string;
  /** Worker threads of Envoy; default: its own, the machine's cores. */
  readonly concurrency?: number | undefined;
  /** Of Envoy's log. Default: warning. */
  readonly logLevel?: 'info' | 'warning' | undefined;
  /** Finds a place to listen for each server. @param current where they listen now */
  readonly findPorts: (
    servers: readonly Server[],
    current: ReadonlyMap<string, BoundAt>,
  ) => Promise<{
    readonly bindings: ReadonlyMap<string, BoundAt>;
    readonly servers: readonly ServerReport[];
  }>;
  readonly pickerBounds?: Partial<ExtProcBounds>;
  /** Of the picker's tables. Default: as the embedded plane's. */
  readonly tableRows?: number;
  readonly onEvent: (message: string, severity: 'info' | 'warning' | 'error') => void;
  /** A line of Envoy's own log, its access log included. */
  readonly onLog: (line: EnvoyLogLine) => void;
}
