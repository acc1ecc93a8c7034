import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { HealthTable, Limits, LimitTable } from '../../limits/index.ts';
import { EndpointTable, Picker, PickLog, PrefixTable } from '../../picker/index.ts';
import type { RequestContext } from '../context.ts';
import { RequestCounters } from '../counters.ts';
import { DecisionLog } from '../decision-log.ts';
import type { HostTable } from '../route/host-table.ts';
import type { Assignment, FromWorker, ToWorker, WorkerInit } from './messages.ts';
import { buildRoutingState, type RoutingState } from './routing-state.ts';
import { WorkerServer } from './servers.ts';

/** A worker of the embedded plane: serves the plan that the main thread gives it. */
const port = parentPort as MessagePort;
const init = workerData as WorkerInit;
const table = LimitTable.attach(init.limits, init.worker);
const health = new HealthTable(init.health);
const limits = new Limits(table);
const picks = new PickLog();
const decisions = new DecisionLog(picks);
const counters = new RequestCounters(init.counters, init.worker);
const picker = new Picker({
  endpoints: EndpointTable.attach(init.endpoints, init.worker),
  prefixes: PrefixTable.attach(init.prefixes),
  random: Math.random,
  health,
  log: picks,
});
const servers = new Map<string, WorkerServer>();
let state: RoutingState | undefined;
let bindings: Assignment['bindings'] = new Map();

const say = (message: FromWorker) => port.postMessage(message);

function requestContext(hosts: HostTable): RequestContext {
  return {
    hosts,
    clusters: state?.clusters ?? new Map(),
    limits,
    bounds: init.bounds,
    decisions,
    counters,
    publicPort: () => bindings.get(hosts.server.name)?.port ?? hosts.server.port,
  };
}

async function apply(assignment: Assignment): Promise<void> {
  const next = buildRoutingState(assignment, state, {
    table,
    health,
    picker,
    askForIdle: slot => say({ type: 'ask-for-idle', slot }),
  });
  state = next;
  bindings = assignment.bindings;
  for (const [name, server] of servers) {
    const binding = bindings.get(name);
    if (binding?.port === server.binding.port && binding.address === server.binding.address) continue;
    servers.delete(name);
    void server.drain();
  }
  for (const [name, binding] of bindings) {
    const hosts = next.hosts.get(name);
    if (hosts === undefined) continue;
    const known = servers.get(name);
    if (known !== undefined) {
      known.update(hosts);
      continue;
    }
    const server = new WorkerServer(binding, hosts, requestContext);
    await server.listen();
    servers.set(name, server);
  }
}

async function answer(message: ToWorker): Promise<void> {
  switch (message.type) {
    case 'apply':
      await apply(message.assignment);
      say({ type: 'done', id: message.id });
      return;
    case 'explain': {
      const decision = decisions.get(message.requestId);
      say({ type: 'done', id: message.id, ...(decision === undefined ? {} : { decision }) });
      return;
    }
    case 'yield-idle':
      for (const { scope, connections } of state?.clusters.values() ?? []) {
        if (scope.slot === message.slot) connections.yieldIdle();
      }
      return;
    case 'drain':
      await Promise.all([...servers.values()].map(server => server.drain()));
      say({ type: 'done', id: message.id });
  }
}

port.on('message', (message: ToWorker) => {
  answer(message).catch(error => {
    if ('id' in message)
      say({ type: 'done', id: message.id, error: error instanceof Error ? error.message : String(error) });
    else throw error;
  });
});
say({ type: 'ready' });
