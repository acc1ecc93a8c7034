import { guarded, type OnFault, startTimer } from '../../kernel/index.ts';
import type { ConnectedEnvoy, XdsServer } from '../xds/server.ts';
import { makeSnapshot, type Snapshot } from '../xds/snapshot.ts';
import type { GatewayPart } from './gateway-parts.ts';
import type { GatewayReport } from './gateway-report.ts';
import { GatewayState, type RetryTimes } from './gateway-state.ts';

export interface GatewaysOptions {
  readonly xds: () => Pick<XdsServer, 'connected' | 'setSnapshot' | 'deliver'>;
  /** @param previous that the Envoys have */
  readonly snapshotOf: (part: GatewayPart, previous: Snapshot | undefined) => Snapshot;
  /** What one that is to end is told. */
  readonly endingOf: (part: GatewayPart, previous: Snapshot | undefined) => Snapshot;
  readonly retry?: RetryTimes;
  readonly onFault: OnFault;
}

const NOTHING: Snapshot = makeSnapshot({});

/** All Gateways of a plan, and what their Envoys are told. */
export class Gateways {
  readonly #options: GatewaysOptions;
  readonly #states = new Map<string, GatewayState>();
  #timer: NodeJS.Timeout | undefined;
  #isEnding: (envoy: ConnectedEnvoy) => boolean = () => false;
  /** By {@link ConnectedEnvoy.stream}: those that were told so. */
  readonly #ending = new Map<object, string>();

  constructor(options: GatewaysOptions) {
    this.#options = options;
  }

  /** @param name `NAMESPACE/NAME` */
  has(name: string): boolean {
    return this.#states.has(name);
  }

  apply(parts: ReadonlyMap<string, GatewayPart>): void {
    for (const [name, part] of parts)
      if (this.#states.get(name)?.wanted.version !== part.version) this.#want(name, part);
    for (const name of this.#states.keys()) if (!parts.has(name)) this.#drop(name);
  }

  /** Parts of earlier plans that Envoys keep, as they refuse what is wanted. */
  kept(): GatewayPart[] {
    return [...this.#states.values()].flatMap(({ kept }) => kept);
  }

  /** All that Envoys may have: what is wanted, and what is kept. */
  *parts(): Generator<readonly [string, GatewayPart]> {
    for (const [name, { wanted, kept }] of this.#states)
      for (const part of [wanted, ...kept]) yield [name, part];
  }

  /** The permits of some pools are held elsewhere now. */
  moved(): void {
    const { snapshotOf, xds } = this.#options;
    for (const [name, state] of this.#states) {
      const { wanted, told, good, refusers } = state;
      const pools = [wanted, ...(good === undefined ? [] : [good.part])].flatMap(part => part.pools);
      if (pools.length === 0) continue;
      state.told = snapshotOf(wanted, told);
      if (good !== undefined)
        state.good =
          good.part === wanted
            ? { part: wanted, snapshot: state.told }
            : { part: good.part, snapshot: snapshotOf(good.part, good.snapshot) };
      xds().setSnapshot(state.told, name, this.#exceptions(name, state, refusers > 0));
    }
  }

  /** These Envoys are to end: they go on serving, and let their connections go one by one. */
  end(isEnding: (envoy: ConnectedEnvoy) => boolean): void {
    this.#isEnding = isEnding;
    this.#tellEnding(this.envoys());
  }

  #tellEnding(envoys: ReadonlyMap<string, readonly ConnectedEnvoy[]>): void {
    const streams = new Set<object>();
    for (const [name, all] of envoys)
      for (const envoy of all) {
        streams.add(envoy.stream);
        const state = this.#states.get(name);
        if (state === undefined || this.#ending.has(envoy.stream) || !this.#isEnding(envoy)) continue;
        this.#ending.set(envoy.stream, name);
        this.#options.xds().deliver(envoy.stream, this.#options.endingOf(state.wanted, state.told));
      }
    for (const stream of this.#ending.keys()) if (!streams.has(stream)) this.#ending.delete(stream);
  }

  /** Envoys of a Gateway that are to be something else than the others. */
  #exceptions(
    name: string,
    state: GatewayState,
    refused: boolean,
  ): ReadonlyMap<object, Snapshot> | undefined {
    const ending = [...this.#ending].filter(([, of]) => of === name);
    if (ending.length === 0) return refused ? state.exceptions : undefined;
    const snapshot = this.#options.endingOf(state.wanted, state.told);
    return new Map([
      ...ending.map(([stream]) => [stream, snapshot] as const),
      ...(refused ? state.exceptions : []),
    ]);
  }

  /**
   * How the Envoys stand now; those that refuse what they were told are told the last good state.
   * @param others what other replicas say of a Gateway
   * @returns whether other parts are {@link kept} than before
   */
  look(others: (name: string) => readonly GatewayReport[], nowMs: number): boolean {
    const before = this.kept();
    const envoys = this.envoys();
    this.#tellEnding(envoys);
    for (const [name, state] of this.#states) {
      state.noteOthers(others(name));
      for (const stream of state.note(envoys.get(name) ?? [], nowMs))
        this.#options.xds().deliver(stream, state.good?.snapshot ?? state.told);
    }
    this.#schedule(nowMs);
    const kept = this.kept();
    return kept.length !== before.length || kept.some((part, index) => part !== before[index]);
  }

  reports(): Map<string, GatewayReport> {
    const envoys = this.envoys();
    return new Map([...this.#states].map(([name, state]) => [name, state.report(envoys.get(name) ?? [])]));
  }

  envoys(): Map<string, ConnectedEnvoy[]> {
    return Map.groupBy(this.#options.xds().connected(), ({ group }) => group);
  }

  /** Envoys that refuse something, by Gateways. */
  refusing(): Map<string, number> {
    return new Map([...this.#states].map(([name, { refusers }]) => [name, refusers]));
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #want(name: string, part: GatewayPart): void {
    const { xds, snapshotOf, retry } = this.#options;
    const state = this.#states.get(name);
    const snapshot = snapshotOf(part, state?.told);
    const wanted = state ?? new GatewayState(part, snapshot, retry);
    if (state === undefined) this.#states.set(name, wanted);
    else state.want(part, snapshot);
    xds().setSnapshot(snapshot, name, this.#exceptions(name, wanted, false));
  }

  /** The Gateway is gone; Envoys of it that are still there serve nothing more. */
  #drop(name: string): void {
    this.#options.xds().setSnapshot(NOTHING, name);
    this.#states.delete(name);
  }

  #schedule(nowMs: number): void {
    clearTimeout(this.#timer);
    const next = Math.min(...[...this.#states.values()].map(({ nextRetryMs }) => nextRetryMs));
    if (next === Number.POSITIVE_INFINITY) return;
    const retry = guarded('telling Envoys again what they refuse', this.#options.onFault, () =>
      this.#retry(),
    );
    this.#timer = startTimer(next - nowMs, retry).unref();
  }

  #retry(): void {
    const nowMs = performance.now();
    try {
      for (const state of this.#states.values())
        for (const stream of state.retries(nowMs)) this.#options.xds().deliver(stream, state.told);
    } finally {
      this.#schedule(nowMs);
    }
  }
}
