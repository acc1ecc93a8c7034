import { randomUUID } from 'node:crypto';
import { BreakwaterError } from '../admin/errors.ts';
import { EventLog } from '../admin/events.ts';
import { processMetrics } from '../admin/process-metrics.ts';
import { Runtime } from '../admin/runtime.ts';
import { startAdminServer } from '../admin/server.ts';
import { CLUSTER_KINDS, type KubeObject } from '../api/index.ts';
import { loadApiServer } from '../cluster/api-server/index.ts';
import { proxyOf, proxyProblem } from '../cluster/infrastructure/index.ts';
import { type ClusterSource, clusterSource } from '../cluster/source/index.ts';
import type { Plane } from '../plane/index.ts';
import { overlaySource } from '../source/index.ts';
import type { Operators } from '../translate/index.ts';
import { withoutContested } from './controller/contested-source.ts';
import { endingPods } from './controller/ending-pods.ts';
import { type Fleet, startFleet } from './controller/fleet.ts';
import { beginHandover, finishHandover } from './controller/handover.ts';
import { startInfoServer } from './controller/info-server.ts';
import { Leading } from './controller/leading.ts';
import { controllerMetrics } from './controller/metrics.ts';
import { NO_WORKLOADS } from './controller/no-workloads.ts';
import { ownNamespace } from './controller/own-namespace.ts';
import { ownPod } from './controller/own-pod.ts';
import { Succession } from './controller/succession.ts';
import { packageVersion } from './package-version.ts';
import { keepServing } from './process/keep-serving.ts';
import { serveWithoutReaders, writeLog } from './process/output.ts';
import { started } from './process/start.ts';
import { eventLine } from './up/event-line.ts';
import { startPlane } from './up/start-plane.ts';
import { stopRequests } from './up/stop-requests.ts';
import { watchOverflows } from './up/watch-overflows.ts';

export interface ControllerOptions {
  readonly operators: Operators;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly controllerName: string;
  readonly watchNamespace: readonly string[];
  readonly gatewayNamespace: readonly string[];
  readonly leaseNamespace?: string;
  readonly address: string;
  readonly portOffset?: number;
  readonly workers?: number;
  readonly heldBodyBytes?: number;
  readonly plane: 'embedded' | 'envoy';
  readonly service: string;
  readonly xdsPort: number;
  readonly pickerPort: number;
  readonly infoAddress: string;
  readonly infoPort: number;
  readonly adminAddress?: string;
  readonly verbose?: boolean;
}

/** Requests in flight have so long to end: longer than a long answer takes. */
const DRAIN_TIMEOUT_MS = 600_000;

/** `breakwater controller`: serves the Gateways of a cluster, and writes their statuses while it leads. */
export async function controller(options: ControllerOptions): Promise<void> {
  serveWithoutReaders();
  const stop = stopRequests();
  const log = new EventLog(Date.now);
  const print = (line: string | undefined) => line !== undefined && write(`${line}\n`);
  log.onEvent(event => print(eventLine(event, options.verbose === true)));
  const running = await started(Promise.race([start(options, log, stop.first), stop.first]));
  if (running === undefined) process.exit(0);
  const { runtime, leading, fleet, pod, succession } = running;
  keepServing(message => log.add({ type: 'notice', severity: 'error', message }));
  await stop.first;
  print('Stopping.');
  const carries = pod !== undefined && succession?.serves === true;
  if (carries) await Promise.race([beginHandover(runtime, succession), stop.second]);
  // Who follows must know what is in flight here before it can follow.
  await Promise.race([succession?.leave(), stop.second]);
  // Statuses and permits are somebody else's from now on, before what takes long.
  await Promise.race([Promise.all([leading.elector.stop(), fleet?.letGo()]), stop.second]);
  if (carries) await Promise.race([finishHandover(runtime, options.controllerName, pod), stop.second]);
  await Promise.race([runtime.plane.drain(DRAIN_TIMEOUT_MS), stop.second]);
  await Promise.race([running.close(), stop.second]);
  process.exit(0);
}

/** This controller may make nothing of a Gateway elsewhere. */
function namespaceProblem(namespaces: readonly string[], { metadata }: KubeObject): string | undefined {
  return namespaces.length === 0 || namespaces.includes(metadata.namespace ?? '')
    ? undefined
    : `Gateways of namespace ${metadata.namespace} are not served: the controller's --gateway-namespace names ${namespaces.join(', ')}`;
}

function write(text: string): void {
  writeLog(process.stdout, text);
}

async function start(options: ControllerOptions, log: EventLog, stopped: Promise<void>) {
  const notice = (message: string, severity: 'info' | 'warning' | 'error') =>
    log.add({ type: 'notice', severity, message });
  const server = await loadApiServer(options).catch((cause: Error) => {
    throw new BreakwaterError('BW_NO_CLUSTER', cause.message, { cause });
  });
  const pod = ownPod(process.env);
  const abort = new AbortController();
  void stopped.then(() => abort.abort());
  let runtime: Runtime | undefined;
  let base: ClusterSource | undefined;
  let leading: Leading | undefined;
  let fleet: Fleet | undefined;
  // Before the first lists, which may take as long as the API server is away: a kubelet asks from the start.
  const info = await startInfoServer(options.infoAddress, options.infoPort, {
    notReady: () => {
      if (abort.signal.aborted) return 'it is stopping';
      return runtime?.cycle === undefined ? 'the objects of the cluster are not known yet' : undefined;
    },
    replicaAsks: url => fleet?.answer(url),
    metricsText: async () =>
      `${(await runtime?.plane.metricsText()) ?? ''}${await controllerMetrics({
        leads: leading?.elector.leads === true,
        statusWaiting: leading?.statuses.waiting ?? 0,
        statusWrites: { ...leading?.statuses.counts },
        eventWrites: { ...leading?.events.counts, dropped: leading?.events.dropped ?? 0 },
        objectsWaiting: leading?.objectsWaiting ?? 0,
        objectWrites: { ...leading?.objectWrites },
        certificateExpiry: { ...fleet?.certificates?.expiry() },
        unreadable: base?.unreadable() ?? [],
      })}${(await runtime?.times.text()) ?? ''}${await processMetrics()}`,
  });
  write(
    `Breakwater ${packageVersion()} controls GatewayClasses of ${options.controllerName} at ${server.url}\n` +
      `  readiness and metrics  http://${options.infoAddress}:${info.port}\n`,
  );
  base = await clusterSource({
    server,
    namespaces: options.watchNamespace,
    kinds: CLUSTER_KINDS.map(({ id }) => id),
    signal: abort.signal,
    onWaiting: problems => {
      for (const { message } of problems) notice(message, 'warning');
    },
  });
  const source = withoutContested(base, options.controllerName);
  const leaseNamespace = options.leaseNamespace ?? ownNamespace();
  if (options.plane === 'envoy')
    fleet = await startFleet(
      { ...options, server, pod, leaseNamespace, infoPort: info.port, signal: abort.signal },
      notice,
    );
  const behindServices = pod === undefined ? {} : { address: pod.ip, behindServices: true };
  const plane: Plane =
    fleet?.plane ??
    (await startPlane({ ...options, filename: [], simulate: 'never', ...behindServices }, notice));
  const succession =
    pod === undefined || plane.attend === undefined
      ? undefined
      : new Succession({
          server,
          namespace: leaseNamespace,
          pod: pod.name,
          plane,
          onServes: () => leading?.infrastructure?.resume(),
          onProblem: message => notice(message, 'warning'),
        });
  const controllerNames = [options.controllerName];
  runtime = new Runtime(
    {
      source: overlaySource(source),
      workloads: NO_WORKLOADS,
      plane,
      controllerNames,
      gatewayServices: pod !== undefined,
      ...(pod && {
        parametersProblem: (set, gateway, gatewayClass) =>
          namespaceProblem(options.gatewayNamespace, gateway) ??
          proxyProblem(options.plane, set, gateway, gatewayClass),
        proxyOf,
      }),
      onCluster: true,
      operators: options.operators,
    },
    log,
  );
  leading = new Leading({
    server,
    source: base,
    contested: () => source.contested(),
    leaseNamespace,
    controllerNames,
    plane: options.plane,
    certificates: fleet?.certificates,
    pod,
    gatewayNamespaces:
      options.gatewayNamespace.length === 0 ? options.watchNamespace : options.gatewayNamespace,
    service: options.service,
    xdsPort: options.xdsPort,
    mayCarry: () => succession?.serves !== false,
    onLeads: leads => void succession?.lead(leads),
    notice,
  });
  runtime.onCycle(cycle => {
    fleet?.want(cycle.translation.plan.pools.map(({ name }) => name));
    fleet?.end(endingPods(cycle.set));
    leading?.take(cycle);
  });
  const admin = await startAdminServer({
    runtime,
    // Nobody has it: a cluster's objects are changed in the cluster.
    token: randomUUID(),
    address: options.adminAddress,
    readOnly: 'objects of a cluster are changed by kubectl, not here',
  });
  write(`  admin API              ${admin.url}\n\n`);
  await runtime.refresh();
  const stopWatching = watchOverflows(runtime);
  return {
    runtime,
    leading,
    fleet,
    pod,
    succession,
    async close() {
      stopWatching();
      runtime?.close();
      fleet?.close();
      await Promise.all([leading?.close(), plane.close(), base?.close(), info.close(), admin.close()]);
      // Once its connections are closed.
      await succession?.close();
      server.close();
    },
  };
}
