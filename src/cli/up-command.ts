import { type AdminServer, startAdminServer } from '../admin/admin-server.ts';
import { findServers, newToken } from '../admin/state-file.ts';
import { EventLog } from '../control/event-log.ts';
import { Runtime } from '../control/runtime.ts';
import { watchOverflows } from '../control/watch-overflows.ts';
import { requireManifests } from './manifests.ts';
import { packageVersion } from './package-version.ts';
import { keepServing } from './process/keep-serving.ts';
import { serveWithoutReaders, writeLog } from './process/output.ts';
import { started } from './process/start.ts';
import { announce } from './up/announce.ts';
import { eventLine } from './up/event-line.ts';
import { exampleCommands } from './up/example-commands.ts';
import { programName } from './up/program-name.ts';
import { type PartsOptions, startParts } from './up/start-parts.ts';
import { stopRequests } from './up/stop-requests.ts';
import { stoppingText } from './up/stopping-text.ts';
import { summary } from './up/summary.ts';

export interface UpOptions extends PartsOptions {
  readonly adminAddress?: string;
  readonly verbose?: boolean;
}

/** Requests in flight have so long to end after Ctrl-C: longer than a long answer takes. */
const DRAIN_TIMEOUT_MS = 600_000;

/** `breakwater up`: runs manifests on this machine until it is told to stop. */
export async function up(options: UpOptions): Promise<void> {
  serveWithoutReaders();
  const startedAtMs = Date.now();
  requireManifests(options.filename);
  const stop = stopRequests();
  const log = new EventLog(Date.now);
  const running = await started(Promise.race([start(options, log), stop.first]));
  // Nothing is served yet that would have to be waited for.
  if (running === undefined) process.exit(0);
  const { parts, runtime, token, server } = running;
  keepServing(message => log.add({ type: 'notice', severity: 'error', message }));
  const others = findServers(process.cwd());
  const removeStateFile = announce({ url: server.url, token, startedAtMs }, log);
  printStart(runtime, server, options, others.length > 0);
  const print = (line: string | undefined) => line !== undefined && write(`${line}\n`);
  for (const event of log.list())
    if (event.type !== 'plan-applied') print(eventLine(event, options.verbose === true));
  log.onEvent(event => print(eventLine(event, options.verbose === true)));
  const stopWatching = watchOverflows(runtime);

  await stop.first;
  // From here on no command finds this server; a new one may start.
  removeStateFile();
  await print(await waitingFor(runtime));
  await Promise.race([runtime.plane.drain(DRAIN_TIMEOUT_MS), stop.second]);
  stopWatching();
  runtime.close();
  await Promise.race([Promise.all([server.close(), parts.close()]), stop.second]);
  process.exit(0);
}

function write(text: string): void {
  writeLog(process.stdout, text);
}

async function start(options: UpOptions, log: EventLog) {
  const parts = await startParts(options, log);
  const runtime = new Runtime(parts, log);
  const token = newToken();
  const [server] = await Promise.all([
    startAdminServer({ runtime, token, address: options.adminAddress }),
    runtime.refresh(),
  ]);
  return { parts, runtime, token, server };
}

function printStart(runtime: Runtime, server: AdminServer, options: UpOptions, hasOthers: boolean): void {
  const { cycle, workloads } = runtime;
  write(
    `Breakwater ${packageVersion()} runs ${options.filename.join(', ')} on this machine (${options.plane} data plane)\n\n`,
  );
  if (cycle === undefined) return;
  const { plan } = cycle.translation;
  write(summary(plan, cycle.report, workloads.notes(), server.url));
  const examples = exampleCommands(plan, cycle.report, {
    program: programName(),
    serverOption: hasOthers ? ` --server ${server.url}` : '',
    addressesOf: ({ namespace, name }) => gatewayAddresses(runtime, namespace, name),
  });
  write(
    examples === undefined
      ? `\n${plan.pools.length > 0 ? 'No listener leads to a pool with endpoints yet.' : 'No route leads to an InferencePool.'}\n`
      : `\nTry it in another terminal:\n\n${examples.address}\n\n${examples.request}\n`,
  );
  write('\nCtrl-C ends it.\n\n');
}

function gatewayAddresses(runtime: Runtime, namespace: string, name: string): readonly string[] {
  const gateway = runtime.store
    .list({ kind: 'Gateway', namespace })
    .find(candidate => candidate.metadata.name === name);
  const { addresses } = (gateway?.status ?? {}) as { addresses?: readonly { value: string }[] };
  return addresses?.map(address => address.value) ?? [];
}

async function waitingFor(runtime: Runtime): Promise<string> {
  const { limits } = await runtime.plane.snapshot();
  return stoppingText(limits);
}
