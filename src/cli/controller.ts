import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { BreakwaterError } from '../admin/errors.ts';
import { EventLog } from '../admin/events.ts';
import { type Cycle, Runtime } from '../admin/runtime.ts';
import { CLUSTER_KINDS } from '../api/index.ts';
import { type ApiServer, loadApiServer } from '../cluster/api-server/index.ts';
import { Elector, LEASE_TIMES } from '../cluster/election/index.ts';
import { clusterSource } from '../cluster/source/index.ts';
import { ownershipOf, StatusWriter } from '../cluster/status/index.ts';
import { overlaySource } from '../source/index.ts';
import { startInfoServer } from './controller/info-server.ts';
import { controllerMetrics } from './controller/metrics.ts';
import { NO_WORKLOADS } from './controller/no-workloads.ts';
import { ownNamespace } from './controller/own-namespace.ts';
import { packageVersion } from './package-version.ts';
import { reportError } from './report-error.ts';
import { eventLine } from './up/event-line.ts';
import { startPlane } from './up/start-plane.ts';
import { stopRequests } from './up/stop-requests.ts';
import { watchOverflows } from './up/watch-overflows.ts';

export interface ControllerOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly controllerName: string;
  readonly watchNamespace: readonly string[];
  readonly leaseNamespace?: string;
  readonly address: string;
  readonly portOffset?: number;
  readonly workers?: number;
  readonly plane: 'embedded';
  readonly infoAddress: string;
  readonly infoPort: number;
  readonly verbose?: boolean;
}

/** Requests in flight have so long to end: longer than a long answer takes. */
const DRAIN_TIMEOUT_MS = 600_000;
const LEASE_NAME = 'breakwater-controller';
/** One name for all replicas and releases: what an earlier one has applied is still ours. */
const FIELD_MANAGER = 'breakwater';

/** `breakwater controller`: serves the Gateways of a cluster, and writes their statuses while it leads. */
export async function controller(options: ControllerOptions): Promise<void> {
  const stop = stopRequests();
  const log = new EventLog(Date.now);
  const print = (line: string | undefined) => line !== undefined && process.stdout.write(`${line}\n`);
  log.onEvent(event => print(eventLine(event, options.verbose === true)));
  const started = await Promise.race([start(options, log, stop.first), stop.first]).catch(fail);
  if (started === undefined) process.exit(0);
  const { runtime, elector } = started;
  await stop.first;
  print('Stopping.');
  // Statuses are somebody else's from now on, before what takes long.
  await Promise.race([elector.stop(), stop.second]);
  await Promise.race([runtime.plane.drain(DRAIN_TIMEOUT_MS), stop.second]);
  await Promise.race([started.close(), stop.second]);
  process.exit(0);
}

function fail(error: unknown): never {
  reportError(error);
  process.exit(1);
}

async function start(options: ControllerOptions, log: EventLog, stopped: Promise<void>) {
  const notice = (message: string, severity: 'info' | 'warning' | 'error') =>
    log.add({ type: 'notice', severity, message });
  const server = await loadApiServer(options).catch((cause: Error) => {
    throw new BreakwaterError('BW_NO_CLUSTER', cause.message, { cause });
  });
  let runtime: Runtime | undefined;
  let election: ReturnType<typeof startElection> | undefined;
  // Before the first lists, which may take as long as the API server is away: a kubelet asks from the start.
  const info = await startInfoServer(options.infoAddress, options.infoPort, {
    notReady: () =>
      runtime?.cycle === undefined ? 'the objects of the cluster are not known yet' : undefined,
    metricsText: async () =>
      `${(await runtime?.plane.metricsText()) ?? ''}${await controllerMetrics({
        leads: election?.elector.leads === true,
        statusWaiting: election?.writer.waiting ?? 0,
        statusWrites: { ...election?.writer.counts },
      })}`,
  });
  process.stdout.write(
    `Breakwater ${packageVersion()} controls GatewayClasses of ${options.controllerName} at ${server.url}\n` +
      `  readiness and metrics  http://${options.infoAddress}:${info.port}\n\n`,
  );
  const abort = new AbortController();
  void stopped.then(() => abort.abort());
  const base = await clusterSource({
    server,
    namespaces: options.watchNamespace,
    kinds: CLUSTER_KINDS.map(({ id }) => id),
    signal: abort.signal,
    onWaiting: problems => {
      for (const { message } of problems) notice(message, 'warning');
    },
  });
  const plane = await startPlane({ ...options, filename: [], simulate: 'never' }, notice);
  const controllerNames = [options.controllerName];
  runtime = new Runtime(
    { source: overlaySource(base), workloads: NO_WORKLOADS, plane, controllerNames },
    log,
  );
  const { elector, writer } = (election = startElection(options, server, notice));
  const write = ({ set, statuses }: Cycle) => writer.want(set, statuses, ownershipOf(set, controllerNames));
  runtime.onCycle(write);
  await runtime.refresh();
  const stopWatching = watchOverflows(runtime);
  return {
    runtime,
    elector,
    async close() {
      stopWatching();
      runtime?.close();
      writer.close();
      await Promise.all([plane.close(), base.close(), info.close()]);
      server.close();
    },
  };
}

/** Only the leader writes: statuses of several replicas would differ in what their planes have taken. */
function startElection(
  options: ControllerOptions,
  server: ApiServer,
  notice: (message: string, severity: 'info' | 'warning') => void,
) {
  const warn = (message: string) => notice(message, 'warning');
  const token = randomUUID();
  const writer = new StatusWriter({
    server,
    fieldManager: FIELD_MANAGER,
    mayWrite: () => elector?.leads === true,
    onProblem: warn,
  });
  let elector: Elector | undefined;
  const identity = `${hostname()}_${token}`;
  elector = new Elector({
    ...LEASE_TIMES,
    server,
    namespace: options.leaseNamespace ?? ownNamespace(),
    name: LEASE_NAME,
    identity,
    token,
    onChange: leads => {
      notice(leads ? `leads as ${identity}` : 'does not lead any more', 'info');
      if (leads) writer.resume();
    },
    onProblem: warn,
  });
  return { elector, writer };
}
