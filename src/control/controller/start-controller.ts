import { CLUSTER_KINDS, type KubeObject } from '../../api/index.ts';
import { loadApiServer } from '../../cluster/api-server/index.ts';
import { proxyOf, proxyProblem } from '../../cluster/infrastructure/index.ts';
import { type ClusterSource, clusterSource } from '../../cluster/source/index.ts';
import { BreakwaterError } from '../../kernel/breakwater-error.ts';
import type { Plane } from '../../plane/index.ts';
import { overlaySource } from '../../source/index.ts';
import { gatewayOfAddress, type Operators } from '../../translate/index.ts';
import type { EventLog } from '../event-log.ts';
import { processMetrics } from '../own-metrics.ts';
import { Runtime } from '../runtime.ts';
import { startPlane } from '../start-plane.ts';
import { watchOverflows } from '../watch-overflows.ts';
import { Carrier } from './carrier.ts';
import { withoutContested } from './contested-source.ts';
import { startInfoServer } from './controller-info-server.ts';
import { controllerMetrics } from './controller-metrics.ts';
import { endingPods } from './ending-pods.ts';
import { Leading } from './leading.ts';
import { NO_WORKLOADS } from './no-workloads.ts';
import { ownNamespace } from './own-namespace.ts';
import { ownPod } from './own-pod.ts';
import { type Fleet, startFleet } from './replica-fleet.ts';

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
  /** Called with each line of an Envoy's log. */
  readonly onEnvoyLog?: (line: string) => void;
}

/** What is of the program that runs it. */
export interface ControllerParts {
  /** Readiness and metrics are served from now on. @param url of the API server */
  onInfo(url: string, infoPort: number): void;
  startAdmin(runtime: Runtime): Promise<{ close(): Promise<unknown> }>;
}

export type RunningController = Awaited<ReturnType<typeof startController>>;

/**
 * Starts the controller of a cluster: it serves the Gateways of the cluster, and writes their statuses while it leads.
 * @param stopped it is not wanted any more
 */
export async function startController(
  options: ControllerOptions,
  log: EventLog,
  stopped: Promise<void>,
  parts: ControllerParts,
) {
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
  parts.onInfo(server.url, info.port);
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
  // Of what is there when a name is looked up: Services of Gateways come and go.
  const ownerOf = (address: string): string | undefined => {
    if (address === pod?.ip) return 'it is of this Pod';
    return base && gatewayOfAddress(base.current(), address);
  };
  if (options.plane === 'envoy')
    fleet = await startFleet(
      { ...options, server, pod, leaseNamespace, infoPort: info.port, ownerOf, signal: abort.signal },
      notice,
    );
  const behindServices = pod === undefined ? {} : { address: pod.ip, behindServices: true, ownerOf };
  const plane: Plane = fleet?.plane ?? (await startPlane({ ...options, ...behindServices }, notice));
  const carrier =
    pod === undefined || plane.setAcceptance === undefined
      ? undefined
      : new Carrier({
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
    mayCarry: () => carrier?.serves !== false,
    onLeads: leads => void carrier?.lead(leads),
    notice,
  });
  runtime.onCycle(cycle => {
    fleet?.want(cycle.translation.plan.pools.map(({ name }) => name));
    fleet?.end(endingPods(cycle.set));
    leading?.take(cycle);
  });
  const admin = await parts.startAdmin(runtime);
  await runtime.refresh();
  const stopWatching = watchOverflows(runtime);
  return {
    runtime,
    leading,
    fleet,
    pod,
    carrier,
    async close() {
      stopWatching();
      runtime?.close();
      fleet?.close();
      await Promise.all([leading?.close(), plane.close(), base?.close(), info.close(), admin.close()]);
      // Once its connections are closed.
      await carrier?.close();
      server.close();
    },
  };
}

/** This controller may make nothing of a Gateway elsewhere. */
function namespaceProblem(namespaces: readonly string[], { metadata }: KubeObject): string | undefined {
  return namespaces.length === 0 || namespaces.includes(metadata.namespace ?? '')
    ? undefined
    : `Gateways of namespace ${metadata.namespace} are not served: the controller's --gateway-namespace names ${namespaces.join(', ')}`;
}
