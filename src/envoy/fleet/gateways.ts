import { guarded, monotonicMs, type OnFault, startTimer, stopTimer, type Timer } from '../../kernel/index.ts';
import { makeSnapshot, type Snapshot } from '../xds/snapshot.ts';
import type { ConnectedEnvoy, XdsServer } from '../xds/xds-server.ts';
import type { GatewayPart } from './gateway-parts.ts';
import type { GatewayReport } from './gateway-report.ts';
import { GatewayState, type Writer } from './gateway-state.ts';
import type { RetryTimes } from './member.ts';

export interface GatewaysOptions {
  readonly xds: () => Pick<XdsServer, 'connected' | 'setSnapshot' | 'deliver'>;
  readonly writer: Writer;
  /** What one that is to end is told. */
  readonly endingOf: (part: GatewayPart, previous: Snapshot | undefined) => Snapshot;
  readonly retry?: RetryTimes;
  readonly onFault: OnFault;
  /** An Envoy refuses something that it had not refused before. */
  readonly onRefusal: (gateway: string, id: string, message: string) => void;
}

/** Of looks at one Gateway, each after its Envoys were told something: most often they answer later. */
const MAX_LOOKS = 50;

const NOTHING: Snapshot = makeSnapshot({});

/** All Gateways of a plan, and what their Envoys are told. */
export class Gateways {
  readonly #options: GatewaysOptions;
  readonly #states = new Map<string, GatewayState>();
  #timer: Timer | undefined;
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
    for (const [name, state] of this.#states) {
      const { wanted, told, good } = state;
      if (wanted.pools.length === 0 && (good?.part.pools.length ?? 0) === 0) continue;
      state.rebuild();
      if (state.told !== told) this.#tell(name, state);
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
        this.#options.xds().deliver(envoy.stream, this.#options.endingOf(state.toldPart, state.told));
      }
    for (const stream of this.#ending.keys()) if (!streams.has(stream)) this.#ending.delete(stream);
  }

  #tell(name: string, state: GatewayState): void {
    this.#options.xds().setSnapshot(state.told, name, this.#exceptions(name, state));
  }

  /** Envoys of a Gateway that are to be something else than the others. */
  #exceptions(name: string, state: GatewayState): ReadonlyMap<object, Snapshot> {
    const ending = [...this.#ending].filter(([, of]) => of === name);
    if (ending.length === 0) return state.exceptions;
    const snapshot = this.#options.endingOf(state.toldPart, state.told);
    return new Map([...ending.map(([stream]) => [stream, snapshot] as const), ...state.exceptions]);
  }

  /**
   * How the Envoys stand now; what they refuse is looked for, and left out.
   * @param others what other replicas say of a Gateway
   * @returns whether other parts are {@link kept} than before
   */
  look(others: (name: string) => readonly GatewayReport[], nowMs: number): boolean {
    const before = this.kept();
    this.#tellEnding(this.envoys());
    let envoys = this.envoys();
    for (const [name, state] of this.#states) {
      state.noteOthers(others(name));
      for (let i = 0; i < MAX_LOOKS; i++) {
        if (!this.#note(name, state, envoys.get(name) ?? [], nowMs)) break;
        envoys = this.envoys();
      }
    }
    this.#schedule(nowMs);
    const kept = this.kept();
    return kept.length !== before.length || kept.some((part, index) => part !== before[index]);
  }

  /** @returns whether Envoys were told something */
  #note(name: string, state: GatewayState, envoys: readonly ConnectedEnvoy[], nowMs: number): boolean {
    const { all, alone, refusals } = state.note(envoys, nowMs);
    for (const [id, message] of refusals) this.#options.onRefusal(name, id, message);
    if (all) this.#tell(name, state);
    for (const [stream, snapshot] of alone) this.#options.xds().deliver(stream, snapshot);
    return all || alone.size > 0;
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
    stopTimer(this.#timer);
  }

  #want(name: string, part: GatewayPart): void {
    const known = this.#states.get(name);
    const state = known ?? new GatewayState(part, this.#options.writer, this.#options.retry);
    if (known === undefined) this.#states.set(name, state);
    else state.want(part);
    this.#tell(name, state);
  }

  /** The Gateway is gone; Envoys of it that are still there serve nothing more. */
  #drop(name: string): void {
    this.#options.xds().setSnapshot(NOTHING, name);
    this.#states.delete(name);
  }

  #schedule(nowMs: number): void {
    stopTimer(this.#timer);
    const next = Math.min(...[...this.#states.values()].map(({ nextRetryMs }) => nextRetryMs));
    if (next === Number.POSITIVE_INFINITY) return;
    const retry = guarded('telling Envoys again what they refuse', this.#options.onFault, () =>
      this.#retry(),
    );
    this.#timer = startTimer(next - nowMs, retry).unref();
  }

  #retry(): void {
    const nowMs = monotonicMs();
    try {
      for (const state of this.#states.values())
        for (const [stream, snapshot] of state.retries(nowMs)) this.#options.xds().deliver(stream, snapshot);
    } finally {
      this.#schedule(nowMs);
    }
  }
}
