import { EventLog } from '../admin/events.ts';
import { Runtime } from '../admin/runtime.ts';
import { type AdminServer, startAdminServer } from '../admin/server.ts';
import { findServers, newToken, resolved, writeStateFile } from '../admin/state-file.ts';
import { requireManifests } from './manifests.ts';
import { packageVersion } from './package-version.ts';
import { reportError } from './report-error.ts';
import { eventLine } from './up/event-line.ts';
import { exampleCommands } from './up/example-commands.ts';
import { programName } from './up/program-name.ts';
import { type PartsOptions, startParts } from './up/start-parts.ts';
import { stopRequests } from './up/stop-requests.ts';
import { summary } from './up/summary.ts';
import { watchOverflows } from './up/watch-overflows.ts';

export interface UpOptions extends PartsOptions {
  readonly adminAddress?: string;
  readonly verbose?: boolean;
}

/** Requests in flight have so long to end after Ctrl-C: longer than a long answer takes. */
const DRAIN_TIMEOUT_MS = 600_000;

/** `breakwater up`: runs manifests on this machine until it is told to stop. */
export async function up(options: UpOptions): Promise<void> {
  const startedAtMs = Date.now();
  requireManifests(options.filename);
  const stop = stopRequests();
  const log = new EventLog(Date.now);
  const started = await Promise.race([start(options, log), stop.first]).catch(fail);
  // Nothing is served yet that would have to be waited for.
  if (started === undefined) process.exit(0);
  const { parts, runtime, token, server } = started;
  const others = findServers(process.cwd());
  const removeStateFile = writeStateFile({
    pid: process.pid,
    url: server.url,
    token,
    cwd: resolved(process.cwd()),
    startedAtMs,
    version: packageVersion(),
  });
  process.on('exit', removeStateFile);
  printStart(runtime, server, options, others.length > 0);
  const print = (line: string | undefined) => line !== undefined && process.stdout.write(`${line}\n`);
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

/** What has been started already would keep the process alive. */
function fail(error: unknown): never {
  reportError(error);
  process.exit(1);
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
  process.stdout.write(
    `Breakwater ${packageVersion()} runs ${options.filename.join(', ')} on this machine (${options.plane} data plane)\n\n`,
  );
  if (cycle === undefined) return;
  const { plan } = cycle.translation;
  process.stdout.write(summary(plan, cycle.report, workloads.notes(), server.url));
  const examples = exampleCommands(plan, cycle.report, {
    program: programName(),
    serverOption: hasOthers ? ` --server ${server.url}` : '',
    addressesOf: ({ namespace, name }) => gatewayAddresses(runtime, namespace, name),
  });
  process.stdout.write(
    examples === undefined
      ? `\n${plan.pools.length > 0 ? 'No listener leads to a pool with endpoints yet.' : 'No route leads to an InferencePool.'}\n`
      : `\nTry it in another terminal:\n\n${examples.address}\n\n${examples.request}\n`,
  );
  process.stdout.write('\nCtrl-C ends it.\n\n');
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
  const active = limits.reduce((sum, limit) => sum + limit.active + limit.pending, 0);
  return active === 0
    ? 'Stopping.'
    : `Stopping: waiting for ${active} request${active === 1 ? '' : 's'} in flight. Ctrl-C again ends at once.`;
}
