import { once } from 'node:events';
import { connect } from 'node:net';
import { parseAllDocuments } from 'yaml';
import { buildResourceSet, parseObject } from '../../../src/api/index.ts';
import { EndpointTable, HealthTable } from '../../../src/endpoints/index.ts';
import { ByteBudget, FaultLog } from '../../../src/kernel/index.ts';
import { COUNTS, Limits, LimitTable } from '../../../src/limits/index.ts';
import { Picker, PickLog, PLUGIN_CATALOG, PrefixTable } from '../../../src/picker/index.ts';
import type { Plan } from '../../../src/plan/index.ts';
import { DEFAULT_PROXY_LIMITS, type ProxyLimits } from '../../../src/proxy/defaults.ts';
import type { ClusterRuntime, RequestContext } from '../../../src/proxy/request-context.ts';
import { buildRoutingState } from '../../../src/proxy/worker/routing-state.ts';
import { WorkerServer } from '../../../src/proxy/worker/servers.ts';
import {
  DecisionLog,
  Observers,
  PickCounters,
  PickerLog,
  RequestCounters,
  Rows,
  STEPS,
  type Steps,
  type TryOutcome,
} from '../../../src/request/index.ts';
import type { HostTable } from '../../../src/request/route/host-table.ts';
import { translate } from '../../../src/translate/index.ts';
import { freePort } from '../../support/free-port.ts';
import { Wire } from './wire.ts';

const HOST = '127.0.0.1';
const ROWS = 64;
/** The port of mirrors. */
const NOBODY = 9;

/** The server of one worker, in this thread, whose parts throw when they are told to. */
export class OneWorker {
  /** `PART.METHOD` that throws. */
  throwsAt = '';
  /** How often, before it is well again. */
  throws = 0;
  readonly told: string[] = [];
  /** What was said of endpoints. */
  readonly observed: TryOutcome[] = [];
  readonly port: number;
  readonly plan: Plan;
  readonly decisions: DecisionLog;
  /** What its requests find. */
  readonly context: RequestContext;
  readonly #limits = LimitTable.create({ workers: 2, slots: ROWS });
  readonly #endpoints = EndpointTable.create(2, ROWS);
  readonly #server: WorkerServer;

  private constructor(port: number, manifests: string, bounds: Partial<ProxyLimits>, steps: Steps) {
    this.port = port;
    const { plan } = translate(
      buildResourceSet(
        parseAllDocuments(manifests).map(one => ({ object: parseObject(one.toJS()).object! })),
      ),
      {
        controllerNames: ['gateway.envoyproxy.io/gatewayclass-controller'],
        plugins: PLUGIN_CATALOG,
      },
    );
    this.plan = plan;
    const health = HealthTable.create(ROWS);
    const rows = new Rows(this.#limits, this.#endpoints, health).assign(plan, 0);
    const picks = new PickLog();
    const faults = new FaultLog(line => this.told.push(line));
    const table = LimitTable.attach(this.#limits.shared, 1);
    const picker = new Picker({
      endpoints: EndpointTable.attach(this.#endpoints.shared, 1),
      prefixes: PrefixTable.create(),
      random: Math.random,
      health,
      log: picks,
    });
    const all = { ...DEFAULT_PROXY_LIMITS, ...bounds };
    const shared = {
      table,
      health,
      picker,
      faults,
      random: Math.random,
      askForIdle: () => this.#maybe('worker.askForIdle'),
      external: {
        faults,
        counters: new PickCounters(PickCounters.buffer(2), 1),
        log: new PickerLog(() => {}),
        pickTimeoutMs: 1000,
        maxBodyBytes: 1000,
      },
    };
    const binding = { address: HOST, port };
    const assignment = {
      plan,
      limitSlots: rows.limits,
      endpointSlots: rows.endpoints,
      bindings: new Map(plan.servers.map(({ name }) => [name, binding])),
    };
    const state = buildRoutingState(assignment, undefined, shared);
    const clusters = new Map<string, ClusterRuntime>();
    for (const [name, runtime] of state.clusters) {
      const part = runtime.cluster.endpoints.some(({ port }) => port === NOBODY) ? 'mirror' : 'choice';
      clusters.set(name, { ...runtime, choice: this.#part(part, runtime.choice) });
    }
    const [hosts] = state.hosts.values();
    this.decisions = new DecisionLog(picks);
    const counters = new RequestCounters(RequestCounters.buffer(2), 1);
    const context: RequestContext = {
      hosts: this.#part('hosts', hosts as HostTable),
      clusters,
      limits: this.#part('limits', new Limits(table)),
      get bounds() {
        self.#maybe('worker.bounds');
        return all;
      },
      bodies: ByteBudget.create(64 * 1024 * 1024),
      decisions: this.decisions,
      observers: new Observers(
        [this.#part('decisions', this.decisions), this.#part('counters', counters)],
        faults,
      ),
      counters,
      permitAt: 'connection',
      steps,
      random: Math.random,
      wallClock: Date.now,
      faults,
      publicPort: () => port,
    };
    const self = this;
    this.context = context;
    this.#server = new WorkerServer(binding, hosts as HostTable, () => context);
  }

  static async start(
    manifests: (port: number) => string,
    bounds: Partial<ProxyLimits> = {},
    steps = STEPS,
  ): Promise<OneWorker> {
    const port = await freePort();
    const worker = new OneWorker(port, manifests(port), bounds, steps);
    await worker.#server.listen();
    return worker;
  }

  async connect(): Promise<Wire> {
    const socket = connect({ host: HOST, port: this.port, noDelay: true });
    await once(socket, 'connect');
    return new Wire(socket);
  }

  /** All that is held: permits, places in queues, retries, requests at endpoints. */
  held(): Record<string, number> {
    const held: Record<string, number> = { inFlight: 0 };
    for (const [count, name] of COUNTS.entries()) {
      if (name === 'connections') continue;
      held[name] = 0;
      for (let slot = 0; slot < ROWS; slot++) held[name] += this.#limits.inUse(slot, count as 0 | 1 | 2 | 3);
    }
    for (let slot = 0; slot < ROWS; slot++) held['inFlight']! += this.#endpoints.inFlight(slot);
    return held;
  }

  drain(): Promise<void> {
    return this.#server.drain();
  }

  #maybe(at: string): void {
    if (this.throwsAt !== at || this.throws === 0) return;
    this.throws--;
    throw new TypeError(`${at} is undefined`);
  }

  /** The same, but that any of its methods may throw: before it does anything, or when it has given back what it gives back. */
  #part<T extends object>(part: string, of: T): T {
    return new Proxy(of, {
      get: (target, name) => {
        const value = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          if (name === 'observed') this.observed.push(args[1] as TryOutcome);
          const at = `${part}.${String(name)}`;
          const givesBack = (name === 'ended' && part !== 'counters') || name === 'releaseRetry';
          if (!givesBack) this.#maybe(at);
          const result = value.apply(target, args);
          if (givesBack) this.#maybe(at);
          return result;
        };
      },
    });
  }
}
