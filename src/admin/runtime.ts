import { randomUUID } from 'node:crypto';
import { buildResourceSet, type KubeObject, type ResourceSet, sameJson } from '../api/index.ts';
import type { Plan, PlaneReport } from '../plan/index.ts';
import type { OverlaySource } from '../source/index.ts';
import {
  type StatusEntry,
  sameInputs,
  type TranslateOptions,
  type Translation,
  translate,
} from '../translate/index.ts';
import { CycleTimes } from './cycle-times.ts';
import type { EventLog } from './events.ts';
import { collectFindings, type Finding, formatFinding } from './findings.ts';
import { type Desired, keyOf, ObjectStore, storeKey, type WatchEvent } from './object-store.ts';
import type { Plane } from './plane.ts';
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
  readonly strictPickers?: boolean;
  readonly now?: () => number;
}

/** A port that could not be bound is tried again after this: whoever has it may go. */
const REBIND_MS = 2_000;

interface Translated {
  readonly manifests: ResourceSet;
  /** How many there were besides. */
  readonly pods: number;
}

/** The outcome of one cycle: everything in it belongs together. */
export interface Cycle {
  readonly set: ResourceSet;
  readonly translation: Translation;
  readonly report: PlaneReport;
  readonly findings: readonly Finding[];
  readonly statuses: readonly StatusEntry[];
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
  readonly #strictPickers: boolean;
  readonly #unsubscribe: readonly (() => void)[];
  readonly #cycleListeners = new Set<(cycle: Cycle) => void>();
  #cycle: Cycle | undefined;
  #translated: (Pick<Cycle, 'set' | 'translation'> & Translated) | undefined;
  #wanted = 0;
  #done = 0;
  #running = false;
  #closed = false;
  #rebind: NodeJS.Timeout | undefined;
  #waiting: { readonly target: number; readonly resolve: () => void }[] = [];

  constructor(parts: RuntimeParts, log: EventLog) {
    const now = parts.now ?? Date.now;
    this.store = new ObjectStore(() => new Date(now()), randomUUID);
    this.log = log;
    this.source = parts.source;
    this.workloads = parts.workloads;
    this.plane = parts.plane;
    this.#controllerNames = parts.controllerNames;
    this.#gatewayServices = parts.gatewayServices ?? false;
    this.#parametersProblem = parts.parametersProblem;
    this.#proxyOf = parts.proxyOf;
    this.#strictPickers = parts.strictPickers ?? false;
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
    clearTimeout(this.#rebind);
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  async #loop(): Promise<void> {
    this.#running = true;
    while (this.#done < this.#wanted) {
      const target = this.#wanted;
      try {
        await this.#runCycle();
      } catch (error) {
        this.log.add({
          type: 'plan-refused',
          message: error instanceof Error ? error.message : String(error),
        });
      }
      this.#done = target;
      const ready = this.#waiting.filter(waiter => waiter.target <= target);
      this.#waiting = this.#waiting.filter(waiter => waiter.target > target);
      for (const { resolve } of ready) resolve();
    }
    this.#running = false;
  }

  async #runCycle(): Promise<void> {
    const manifests = this.source.current();
    await this.workloads.apply(manifests);
    const before = this.#cycle;
    const { set, translation } = this.#translate(manifests);
    const report = await this.#report(before, translation.plan);
    const since = performance.now();
    const findings = collectFindings(set, this.source.problems(), translation.problems);
    const isReported = before?.translation === translation && sameJson(before.report, report);
    const statuses = isReported ? before.statuses : translation.statuses(report);
    const cycle = { set, translation, report, findings, statuses };
    this.#cycle = cycle;
    const changes = this.store.replace(this.#desired(cycle));
    this.#logCycle(before, cycle, changes);
    for (const listener of this.#cycleListeners) listener(cycle);
    this.times.took('report', since);
    clearTimeout(this.#rebind);
    if (lacksPorts(report) && this.plane.report === undefined && !this.#closed) {
      this.#rebind = setTimeout(() => void this.refresh(), REBIND_MS);
      this.#rebind.unref();
    }
  }

  /** What has not changed is not translated again: a plane's servers come and go more often than manifests. */
  #translate(manifests: ResourceSet): Pick<Cycle, 'set' | 'translation'> {
    const pods = this.workloads.pods();
    const last = this.#translated;
    if (last !== undefined && pods.length === 0 && last.pods === 0 && sameInputs(manifests, last.manifests)) {
      this.#translated = { ...last, manifests, set: manifests };
      return this.#translated;
    }
    const since = performance.now();
    const set = withPods(manifests, pods);
    const translation = translate(set, {
      controllerNames: this.#controllerNames,
      plane: this.plane.kind,
      gatewayServices: this.#gatewayServices,
      ...(this.#proxyOf && { proxyOf: this.#proxyOf }),
      ...(this.#parametersProblem && { parametersProblem: this.#parametersProblem }),
      strictPickers: this.#strictPickers,
      previous: last?.translation.plan,
    });
    this.times.took('translate', since);
    this.#translated = { manifests, pods: pods.length, set, translation };
    return this.#translated;
  }

  async #report(before: Cycle | undefined, plan: Plan): Promise<PlaneReport> {
    if (before?.report.version !== plan.version) {
      const since = performance.now();
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

  #logCycle(before: Cycle | undefined, after: Cycle, changes: readonly WatchEvent[]): void {
    if (after.report.error !== undefined) this.log.add({ type: 'plan-refused', message: after.report.error });
    else if (before?.report.version !== after.report.version)
      this.log.add({
        type: 'plan-applied',
        version: after.report.version,
        changes: changes.flatMap(describeChange),
      });
    const old = new Map(before?.findings.map(finding => [formatFinding(finding), finding]));
    for (const finding of after.findings)
      if (!old.delete(formatFinding(finding))) this.log.add({ type: 'finding', finding });
    for (const finding of old.values()) this.log.add({ type: 'mended', finding });
    const serversBefore = new Map(before?.report.servers.map(server => [server.name, server]));
    for (const server of after.report.servers) {
      const was = serversBefore.get(server.name);
      if (server.error !== undefined && was?.error !== server.error)
        this.log.add({ type: 'listener-failed', server: server.name, message: server.error });
      const { bound, moved } = server;
      if (bound !== undefined && was?.error !== undefined)
        this.log.add({
          type: 'notice',
          severity: 'info',
          message: `${server.name}: its port is free now; listening on ${bound.address}:${bound.port}`,
        });
      if (bound !== undefined && moved !== undefined && was?.bound?.port !== bound.port)
        this.log.add({
          type: 'listener-moved',
          server: server.name,
          reason: moved,
          bound: `${bound.address}:${bound.port}`,
        });
    }
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

/** Words for a change of what is wanted; a change of status only is not one. */
function describeChange({ type, object }: WatchEvent): string[] {
  const { namespace, name, generation } = object.metadata;
  const words = { ADDED: 'new', MODIFIED: 'changed', DELETED: 'deleted' }[type];
  if (type === 'MODIFIED' && (generation ?? 1) === 1) return [];
  return [`${object.kind} ${namespace === undefined ? name : `${namespace}/${name}`} ${words}`];
}
