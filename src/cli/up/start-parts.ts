import { CONTROLLER_NAMES } from '../../control/controller-names.ts';
import type { EventLog } from '../../control/event-log.ts';
import type { RuntimeParts } from '../../control/runtime.ts';
import { type PlaneOptions, startPlane } from '../../control/start-plane.ts';
import { LocalWorkloads } from '../../local/index.ts';
import { fileSource, overlaySource } from '../../source/index.ts';
import type { Operators } from '../../translate/index.ts';
import { writeLog } from '../process/output.ts';

export interface PartsOptions extends Omit<PlaneOptions, 'onEnvoyLog'> {
  readonly filename: readonly string[];
  /** Unknown fields, and policies of kinds that are not served, are warnings. */
  readonly lenient?: boolean;
  /** See TranslateOptions. */
  readonly operators: Operators;
  readonly simulate: 'auto' | 'never' | 'always';
  readonly verbose?: boolean;
}

export interface Parts extends RuntimeParts {
  /** Closes plane, workloads and source. */
  close(): Promise<void>;
}

/** Starts what a runtime is made of, all at once. */
export async function startParts(options: PartsOptions, log: EventLog): Promise<Parts> {
  const notice = (severity: 'info' | 'warning' | 'error') => (message: string) =>
    log.add({ type: 'notice', severity, message });
  const [base, workloads, plane] = await Promise.all([
    fileSource({
      paths: options.filename,
      watch: true,
      unknownFields: options.lenient === true ? 'warning' : 'error',
    }),
    LocalWorkloads.start({ simulate: options.simulate, onEvent: notice('info') }),
    startPlane({ ...options, ...(options.verbose === true && { onEnvoyLog }) }, (message, severity) =>
      log.add({ type: 'notice', severity, message }),
    ),
  ]);
  const source = overlaySource(base);
  return {
    source,
    workloads,
    plane,
    controllerNames: CONTROLLER_NAMES,
    operators: options.operators,
    async close() {
      await Promise.all([plane.close(), workloads.close(), source.close()]);
    },
  };
}

function onEnvoyLog(line: string): void {
  writeLog(process.stderr, `envoy: ${line}\n`);
}
