import { buildResourceSet, type KubeObject, type ResourceSet, sameJson } from '../api/index.ts';
import { monotonicMs, newId, startTimer, stopTimer, type Timer, toError, wallMs } from '../kernel/index.ts';
import { PLUGIN_CATALOG } from '../picker/index.ts';
import type { Plan, PlaneReport } from '../plan/index.ts';
import type { Plane } from '../plane/index.ts';
import type { OverlaySource } from '../source/index.ts';
import { type StatusEntry, sameInputs, type TranslateOptions, translate } from '../translate/index.ts';
import type { Cycle } from './cycle.ts';
import { logCycle } from './cycle-log.ts';
import { CycleTimes } from './cycle-times.ts';
import type { EventLog } from './event-log.ts';
import { collectFindings } from './findings.ts';
import { type Desired, keyOf, ObjectStore, storeKey } from './object-store.ts';
import type { Workloads } from './workloads.ts';

export interface RuntimeParts {
  readonly source: OverlaySource;
  readonly workloads: Workloads;
  readonly plane: Plane;
  /** GatewayClasses with one of these controllers are ours. */
  readonly controllerNames: readonly string[];
  /** See TranslateOptions. */
  readonly gatewayServices?: boolean;
  readonly parametersProblem?: TranslateOptions['parametersProblem'];
  readonly proxyOf?: TranslateOptions['proxyOf'];
  /** See TranslateOptions. */
  readonly onCluster?: boolean;
  readonly operators?: TranslateOptions['operators'];
  readonly now?: () => number;
}

/** A port that could not be bound is tried again after this: whoever has it may go. */
const REBIND_MS = 2_000;
/** A cycle that failed is tried again after this, and after twice as long each time that it fails again. */
const RETRY_MS = 1_000;
const MAX_RETRY_MS = 60_000;

interface Translated {
  readonly manifests: ResourceSet;
  /** How many there were besides. */
  readonly pods: number;
}

/**
 * The running state. Each change of manifests or workloads leads to a whole cycle: manifests → workloads with their Pods →
 * plan → plane → statuses. Changes that come in during a cycle are taken together in the next.
 */
export class Runtime {
  readonly store: ObjectStore;
  readonly log: EventLog;
  readonly source: OverlaySource;
  readonly workloads: Workloads;
  readonly plane: Plane;
  readonly times = new CycleTimes();
  readonly #controllerNames: readonly string[];
  readonly #gatewayServices: boolean;
  readonly #parametersProblem: TranslateOptions['parametersProblem'];
  readonly #proxyOf: TranslateOptions['proxyOf'];
  readonly #onCluster: boolean;
  readonly #operators: TranslateOptions['operators'];
  readonly #unsubscribe: readonly (() => void)[];
  readonly #cycleListeners = new Set<(cycle: Cycle) => void>();
  #cycle: Cycle | undefined;
  #translated: (Pick<Cycle, 'set' | 'translation'> & Translated) | undefined;
  #wanted = 0;
  #done = 0;
  #running = false;
  #closed = false;
  #rebind: Timer | undefined;
  #retry: Timer | undefined;
  /** Cycles in a row that failed. */
  #failures = 0;
  /** Of the last one, so that it is told once. */
  #failure = '';
  #waiting: { readonly target: number; readonly resolve: () => void }[] = [];

  constructor(parts: RuntimeParts, log: EventLog) {
    const now = parts.now ?? wallMs;
    this.store = new ObjectStore(() => new Date(now()), newId);
    this.log = log;
    this.source = parts.source;
    this.workloads = parts.workloads;
    this.plane = parts.plane;
    this.#controllerNames = parts.controllerNames;
    this.#gatewayServices = parts.gatewayServices ?? false;
    this.#parametersProblem = parts.parametersProblem;
    this.#proxyOf = parts.proxyOf;
    this.#onCluster = parts.onCluster ?? false;
    this.#operators = parts.operators;
    const changed = () => void this.refresh();
    this.#unsubscribe = [
      parts.source.onChange(changed),
      parts.workloads.onChange(changed),
      parts.plane.onReport?.(changed) ?? (() => {}),
    ];
  }

  /** The last cycle; undefined until the first has ended. */
  get cycle(): Cycle | undefined {
    return this.#cycle;
  }

  /** Resolves when all that has changed until now is served (or was refused, which the events tell). */
  refresh(): Promise<void> {
    const target = ++this.#wanted;
    const settled = new Promise<void>(resolve => this.#waiting.push({ target, resolve }));
    if (!this.#running) void this.#loop();
    return settled;
  }

  /** Called after each cycle. Returns what ends the subscription. */
  onCycle(listener: (cycle: Cycle) => void): () => void {
    this.#cycleListeners.add(listener);
    return () => this.#cycleListeners.delete(listener);
  }

  /** Ends listening for changes; source, workloads and plane are closed by who made them. */
  close(): void {
    this.#closed = true;
    stopTimer(this.#rebind);
    stopTimer(this.#retry);
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  async #loop(): Promise<void> {
    this.#running = true;
    while (this.#done < this.#wanted) {
      const target = this.#wanted;
      try {
        await this.#runCycle();
      } catch (thrown) {
        this.#failed(toError(thrown).message);
      }
      this.#done = target;
      const ready = this.#waiting.filter(waiter => waiter.target <= target);
      this.#waiting = this.#waiting.filter(waiter => waiter.target > target);
      for (const { resolve } of ready) resolve();
    }
    this.#running = false;
  }

  /** Nothing tells when what keeps a cycle from its end has gone: a full table, a disk, an error of ours. */
  #failed(message: string): void {
    if (message !== this.#failure) this.log.add({ type: 'plan-refused', message });
    this.#failure = message;
    this.#tryAgain();
  }

  #tryAgain(): void {
    stopTimer(this.#retry);
    if (this.#closed) return;
    const delayMs = Math.min(RETRY_MS * 2 ** this.#failures++, MAX_RETRY_MS);
    this.#retry = startTimer(delayMs, () => void this.refresh());
    this.#retry.unref();
  }

  async #runCycle(): Promise<void> {
    const manifests = this.source.current();
    await this.workloads.apply(manifests);
    const before = this.#cycle;
    const { set, translation } = this.#translate(manifests);
    const report = await this.#report(before, translation.plan);
    const since = monotonicMs();
    const findings = collectFindings(set, this.source.problems(), translation.problems);
    const isReported = before?.translation === translation && sameJson(before.report, report);
    const statuses = isReported ? before.statuses : translation.statuses(report);
    const cycle = { set, translation, report, findings, statuses };
    this.#cycle = cycle;
    const changes = this.store.replace(this.#desired(cycle));
    logCycle(this.log, before, cycle, changes);
    const isTold = this.#tellListeners(cycle);
    this.times.took('report', since);
    if (!isTold || report.error !== undefined) this.#tryAgain();
    else {
      this.#failures = 0;
      this.#failure = '';
      stopTimer(this.#retry);
    }
    stopTimer(this.#rebind);
    if (lacksPorts(report) && this.plane.report === undefined && !this.#closed) {
      this.#rebind = startTimer(REBIND_MS, () => void this.refresh());
      this.#rebind.unref();
    }
  }

  /** One that throws keeps none of the others from hearing of it. */
  #tellListeners(cycle: Cycle): boolean {
    let isTold = true;
    for (const listener of this.#cycleListeners)
      try {
        listener(cycle);
      } catch (thrown) {
        isTold = false;
        const { message } = toError(thrown);
        const text = `what follows a change failed, and is tried again: ${message} [BW_TASK_FAILED]`;
        if (message !== this.#failure) this.log.add({ type: 'notice', severity: 'error', message: text });
        this.#failure = message;
      }
    return isTold;
  }

  /** What has not changed is not translated again: a plane's servers come and go more often than manifests. */
  #translate(manifests: ResourceSet): Pick<Cycle, 'set' | 'translation'> {
    const pods = this.workloads.pods();
    const last = this.#translated;
    if (last !== undefined && pods.length === 0 && last.pods === 0 && sameInputs(manifests, last.manifests)) {
      this.#translated = { ...last, manifests, set: manifests };
      return this.#translated;
    }
    const since = monotonicMs();
    const set = withPods(manifests, pods);
    const translation = translate(set, {
      controllerNames: this.#controllerNames,
      plane: this.plane.kind,
      gatewayServices: this.#gatewayServices,
      ...(this.#proxyOf && { proxyOf: this.#proxyOf }),
      ...(this.#parametersProblem && { parametersProblem: this.#parametersProblem }),
      onCluster: this.#onCluster,
      plugins: PLUGIN_CATALOG,
      ...(this.#operators && { operators: this.#operators }),
      previous: last?.translation.plan,
    });
    this.times.took('translate', since);
    this.#translated = { manifests, pods: pods.length, set, translation };
    return this.#translated;
  }

  async #report(before: Cycle | undefined, plan: Plan): Promise<PlaneReport> {
    if (before?.report.version !== plan.version) {
      const since = monotonicMs();
      return await this.plane.apply(plan).finally(() => this.times.took('apply', since));
    }
    if (this.plane.report !== undefined) return this.plane.report();
    return lacksPorts(before.report) ? await this.plane.apply(plan) : before.report;
  }

  #desired({ set, statuses: entries }: Cycle): Desired[] {
    const made = byKey(entries);
    const run = byKey(this.workloads.deploymentStatuses());
    return set.all().map(object => {
      const key = keyOf(object);
      const status = run.get(key) ?? made.get(key);
      return status === undefined ? { object } : { object, status };
    });
  }
}

/** One that waits for its Service is no reason to look again: the Service's coming is. */
function lacksPorts({ servers }: PlaneReport): boolean {
  return servers.some(server => server.bound === undefined && server.error !== undefined);
}

function withPods(manifests: ResourceSet, pods: readonly KubeObject[]): ResourceSet {
  if (pods.length === 0) return manifests;
  const made = new Set(pods.map(keyOf));
  const entries = manifests
    .all()
    .filter(object => !made.has(keyOf(object)))
    .map(object => {
      const origin = manifests.originOf(object);
      return origin === undefined ? { object } : { object, origin };
    });
  return buildResourceSet([...entries, ...pods.map(object => ({ object }))]);
}

type Statuses = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/** Statuses of cycles that have no new ones are asked for again. */
const known = new WeakMap<readonly StatusEntry[], Statuses>();

function byKey(entries: readonly StatusEntry[]): Statuses {
  const before = known.get(entries);
  if (before !== undefined) return before;
  const statuses = new Map(
    entries.map(({ apiVersion, kind, namespace, name, status }) => [
      storeKey(apiVersion, kind, namespace, name),
      status as Readonly<Record<string, unknown>>,
    ]),
  );
  known.set(entries, statuses);
  return statuses;
}
