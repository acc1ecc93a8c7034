import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { EndpointTable, HealthTable } from '../../endpoints/index.ts';
import { ByteBudget, FaultLog, random, toError, wallMs } from '../../kernel/index.ts';
import { Limits, LimitTable } from '../../limits/index.ts';
import { Picker, PickLog, PrefixTable, ResponseOwners } from '../../picker/index.ts';
import { type Acceptance, type LeftOut, leftOutOf } from '../../plan/index.ts';
import {
  DecisionLog,
  type HostTable,
  Observers,
  PickCounters,
  PickerLog,
  RequestCounters,
  STEPS,
} from '../../request/index.ts';
import type { RequestContext } from '../request-context.ts';
import type { Assignment, Binding, FromWorker, ToWorker, WorkerInit } from './messages.ts';
import { buildRoutingState, type RoutingState, retireConnections } from './routing-state.ts';
import { WorkerServer } from './servers.ts';

/** A worker of the embedded plane: serves the plan that the main thread gives it. */
const port = parentPort as MessagePort;
const init = workerData as WorkerInit;
const table = LimitTable.attach(init.limits, init.worker);
const health = new HealthTable(init.health);
const limits = new Limits(table);
const bodies = ByteBudget.attach(init.bodies, init.worker);
const picks = new PickLog();
const decisions = new DecisionLog(picks);
const counters = new RequestCounters(init.counters, init.worker);
const picker = new Picker({
  endpoints: EndpointTable.attach(init.endpoints, init.worker),
  prefixes: PrefixTable.attach(init.prefixes),
  random,
  health,
  owners: ResponseOwners.attach(init.owners),
  log: picks,
});
/** By {@link socketKey}: a Gateway that is renamed keeps its listening sockets. */
let servers = new Map<string, WorkerServer>();
let state: RoutingState | undefined;
/** A request finds the routes and the clusters of one plan, also while the next one is taken over. */
const contexts = new WeakMap<HostTable, RequestContext>();
let applying: Promise<unknown> = Promise.resolve();
let acceptance: Acceptance = 'all';

const post = (message: FromWorker) => port.postMessage(message);
const warn = (message: string) => post({ type: 'warning', message });
const faults = new FaultLog(message => post({ type: 'fault', message }));
// To be told of every request: a file of src/request/observers, and its place here.
const observers = new Observers([decisions, counters], faults);
const external = {
  faults,
  counters: new PickCounters(init.picks, init.worker),
  log: new PickerLog(warn),
  pickTimeoutMs: init.bounds.pickTimeoutMs,
  maxBodyBytes: init.bounds.maxBodyBytes,
};

function requestContext(hosts: HostTable, { clusters }: RoutingState, binding: Binding): RequestContext {
  return {
    hosts,
    clusters,
    limits,
    bodies,
    bounds: init.bounds,
    decisions,
    observers,
    counters,
    permitAt: 'connection',
    steps: STEPS,
    random,
    wallClock: wallMs,
    faults,
    publicPort: () => binding.publicPort ?? binding.port,
  };
}

/** What a listening socket is made with. */
function socketKey(
  { address, port }: Binding,
  { server: { protocol, clientValidation } }: HostTable,
): string {
  return [address, port, protocol, clientValidation !== undefined].join(' ');
}

/**
 * All of the plan or, when a socket cannot listen, none of it. One at a time.
 * @returns what of it cannot be served
 */
async function apply(assignment: Assignment): Promise<LeftOut[]> {
  const before = state;
  const next = buildRoutingState(assignment, before, {
    table,
    health,
    picker,
    askForIdle: slot => post({ type: 'ask-for-idle', slot }),
    external,
    faults,
    random,
  });
  const wanted = new Map<string, WorkerServer>();
  const updates: (() => void)[] = [];
  const added: WorkerServer[] = [];
  for (const [name, binding] of assignment.bindings) {
    const hosts = next.hosts.get(name);
    if (hosts === undefined) continue;
    contexts.set(hosts, requestContext(hosts, next, binding));
    const key = socketKey(binding, hosts);
    let server = servers.get(key);
    if (server === undefined) {
      server = new WorkerServer(binding, hosts, own => contexts.get(own) as RequestContext);
      server.setAcceptance(acceptance);
      added.push(server);
    } else {
      const known = server;
      updates.push(() => known.update(hosts));
    }
    wanted.set(key, server);
  }
  try {
    await Promise.all(added.map(server => server.listen()));
  } catch (error) {
    for (const server of added) void server.drain();
    next.pickers.close(before?.pickers);
    throw error;
  }
  for (const update of updates) update();
  for (const [key, server] of servers) if (!wanted.has(key)) void server.drain();
  servers = wanted;
  state = next;
  retireConnections(before, next);
  const failed = [...next.failed.values(), ...[...wanted.values()].flatMap(server => [...server.failed])];
  return leftOutOf(assignment.plan, failed);
}

/** Idle ones count, and nobody has a use for them. */
function drainUpstream(): void {
  for (const { connections } of state?.clusters.values() ?? []) connections.drain();
}

async function answer(message: ToWorker): Promise<void> {
  switch (message.type) {
    case 'apply':
      {
        const applied = applying.catch(() => {}).then(() => apply(message.assignment));
        applying = applied;
        const leftOut = await applied;
        post({ type: 'done', id: message.id, ...(leftOut.length > 0 && { leftOut }) });
      }
      return;
    case 'explain': {
      const decision = decisions.get(message.requestId);
      post({ type: 'done', id: message.id, ...(decision === undefined ? {} : { decision }) });
      return;
    }
    case 'yield-idle':
      for (const { scope, connections } of state?.clusters.values() ?? []) {
        if (scope.slot === message.slot) connections.yieldIdle();
      }
      return;
    case 'set-acceptance':
      acceptance = message.acceptance;
      for (const server of servers.values()) server.setAcceptance(acceptance);
      return;
    case 'hand-over':
      drainUpstream();
      for (const server of servers.values()) server.handOver(message.host);
      return;
    case 'drain':
      drainUpstream();
      await Promise.all([...servers.values()].map(server => server.drain()));
      post({ type: 'done', id: message.id });
  }
}

port.on('message', (message: ToWorker) => {
  answer(message).catch(error => {
    if ('id' in message) post({ type: 'done', id: message.id, error: toError(error).message });
    else faults.tell(`a message to a worker: ${message.type}`, error);
  });
});
port.on('messageerror', error => faults.tell('a message to a worker that cannot be read', error));
post({ type: 'ready' });
