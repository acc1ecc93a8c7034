import { randomUUID } from 'node:crypto';
import { startAdminServer } from '../admin/admin-server.ts';
import {
  type ControllerOptions as Options,
  type RunningController,
  startController,
} from '../control/controller/start-controller.ts';
import { stopController } from '../control/controller/stop-controller.ts';
import { EventLog } from '../control/event-log.ts';
import { packageVersion } from './package-version.ts';
import { keepServing } from './process/keep-serving.ts';
import { serveWithoutReaders, writeLog } from './process/output.ts';
import { started } from './process/start.ts';
import { eventLine } from './up/event-line.ts';
import { stopRequests } from './up/stop-requests.ts';

export interface ControllerOptions extends Omit<Options, 'onEnvoyLog'> {
  readonly adminAddress?: string;
  readonly verbose?: boolean;
}

/** `breakwater controller`: serves the Gateways of a cluster, and writes their statuses while it leads. */
export async function controller(options: ControllerOptions): Promise<void> {
  serveWithoutReaders();
  const stop = stopRequests();
  const log = new EventLog(Date.now);
  const print = (line: string | undefined) => line !== undefined && write(`${line}\n`);
  log.onEvent(event => print(eventLine(event, options.verbose === true)));
  const running = await started(Promise.race([start(options, log, stop.first), stop.first]));
  if (running === undefined) process.exit(0);
  keepServing(message => log.add({ type: 'notice', severity: 'error', message }));
  await stop.first;
  print('Stopping.');
  await stopController(running, options.controllerName, stop.second);
  process.exit(0);
}

function start(
  options: ControllerOptions,
  log: EventLog,
  stopped: Promise<void>,
): Promise<RunningController> {
  return startController(options, log, stopped, {
    onInfo: (url, infoPort) =>
      write(
        `Breakwater ${packageVersion()} controls GatewayClasses of ${options.controllerName} at ${url}\n` +
          `  readiness and metrics  http://${options.infoAddress}:${infoPort}\n`,
      ),
    async startAdmin(runtime) {
      const admin = await startAdminServer({
        runtime,
        // Nobody has it: a cluster's objects are changed in the cluster.
        token: randomUUID(),
        address: options.adminAddress,
        readOnly: 'objects of a cluster are changed by kubectl, not here',
      });
      write(`  admin API              ${admin.url}\n\n`);
      return admin;
    },
  });
}

function write(text: string): void {
  writeLog(process.stdout, text);
}
