import { CONTROLLER_NAMES } from '../../admin/controllers.ts';
import { BreakwaterError } from '../../admin/errors.ts';
import type { EventLog } from '../../admin/events.ts';
import type { RuntimeParts } from '../../admin/runtime.ts';
import { LocalWorkloads } from '../../local/index.ts';
import { EmbeddedPlane } from '../../proxy/plane.ts';
import { fileSource, overlaySource } from '../../source/index.ts';

export interface PartsOptions {
  readonly filename: readonly string[];
  readonly address: string;
  readonly portOffset?: number;
  readonly workers?: number;
  readonly simulate: 'auto' | 'never' | 'always';
  readonly plane: 'embedded' | 'envoy';
}

export interface Parts extends RuntimeParts {
  /** Closes plane, workloads and source. */
  close(): Promise<void>;
}

/** Starts what a runtime is made of, all at once. */
export async function startParts(options: PartsOptions, log: EventLog): Promise<Parts> {
  if (options.plane === 'envoy')
    throw new BreakwaterError('BW_PLANE_UNAVAILABLE', '--plane envoy is not there yet');
  const notice = (severity: 'info' | 'warning' | 'error') => (message: string) =>
    log.add({ type: 'notice', severity, message });
  const [base, workloads, plane] = await Promise.all([
    fileSource({ paths: options.filename, watch: true }),
    LocalWorkloads.start({ simulate: options.simulate, onEvent: notice('info') }),
    EmbeddedPlane.start({
      address: options.address,
      ...(options.portOffset === undefined ? {} : { portOffset: options.portOffset }),
      ...(options.workers === undefined ? {} : { workers: options.workers }),
      onEvent: (message, severity) => log.add({ type: 'notice', severity, message }),
    }),
  ]);
  const source = overlaySource(base);
  return {
    source,
    workloads,
    plane,
    controllerNames: CONTROLLER_NAMES,
    async close() {
      await Promise.all([plane.close(), workloads.close(), source.close()]);
    },
  };
}
