import type { ConnectedEnvoy } from '../xds/server.ts';
import type { Snapshot } from '../xds/snapshot.ts';
import type { GatewayPart } from './gateway-parts.ts';
import { type GatewayReport, refusalText } from './gateway-report.ts';

/** When an Envoy that has refused its configuration is told it again. */
export interface RetryTimes {
  readonly firstMs: number;
  /** The time doubles with each refusal until this. */
  readonly maxMs: number;
}

/** What stood in the way may pass: a file that was missing, memory that was short. What Envoy drains for a try it drains seldom. */
export const RETRY_TIMES: RetryTimes = { firstMs: 30_000, maxMs: 600_000 };

interface Refuser {
  readonly id: string;
  message: string;
  waitMs: number;
  retryAtMs: number;
  /** It is told the wanted part again, and has not answered yet. */
  trying: boolean;
}

/**
 * What one Gateway's Envoys are told, and what they take of it. Each is told what is wanted. One that refuses a part of it is told
 * the last good state again, alone: the others serve on, and a new one may well take what it refused.
 */
export class GatewayState {
  /** What the plan has for them. */
  wanted: GatewayPart;
  /** The same for Envoy. */
  told: Snapshot;
  /** What all of them had taken last. */
  good: { readonly part: GatewayPart; readonly snapshot: Snapshot } | undefined;
  /** What all Envoys of other replicas had taken last: theirs go back to it, and ask the picker of this one by its names. */
  #far: GatewayPart | undefined;
  #isRefusedElsewhere = false;
  readonly #times: RetryTimes;
  /** By {@link ConnectedEnvoy.stream}. */
  readonly #refusers = new Map<object, Refuser>();
  /** Of the last that refused; until one takes it, or something else is wanted. */
  #words = '';
  #served = false;

  constructor(wanted: GatewayPart, told: Snapshot, times: RetryTimes = RETRY_TIMES) {
    this.wanted = wanted;
    this.told = told;
    this.#times = times;
  }

  want(part: GatewayPart, snapshot: Snapshot): void {
    this.wanted = part;
    this.told = snapshot;
    this.#refusers.clear();
    this.#words = '';
  }

  get refusers(): number {
    return this.#refusers.size;
  }

  /** What those are to be that are not as the others. */
  get exceptions(): ReadonlyMap<object, Snapshot> {
    const { good } = this;
    if (good === undefined) return new Map();
    const kept = [...this.#refusers].filter(([, { trying }]) => !trying);
    return new Map(kept.map(([stream]) => [stream, good.snapshot]));
  }

  /** Takes note of how the Envoys of other replicas stand. */
  noteOthers(reports: readonly GatewayReport[]): void {
    const connected = reports.filter(report => report.connected > 0);
    this.#isRefusedElsewhere = connected.some(({ refusal }) => refusal !== undefined);
    const { version } = this.wanted;
    const isTakenByAll = connected.every(each => each.version === version && each.taken === each.connected);
    if (connected.length > 0 && isTakenByAll && !this.#isRefusedElsewhere) this.#far = this.wanted;
  }

  /** Parts that some Envoys keep, here or elsewhere, as they refuse the wanted one. */
  get kept(): GatewayPart[] {
    const parts = [
      this.#refusers.size > 0 ? this.good?.part : undefined,
      this.#isRefusedElsewhere ? this.#far : undefined,
    ];
    return [...new Set(parts)].filter(part => part !== undefined && part !== this.wanted) as GatewayPart[];
  }

  /**
   * Takes note of how the Envoys stand.
   * @returns those that have to be told the last good state, because they refuse what they were told
   */
  note(envoys: readonly ConnectedEnvoy[], nowMs: number): object[] {
    const back: object[] = [];
    const streams = new Set(envoys.map(({ stream }) => stream));
    for (const stream of this.#refusers.keys()) if (!streams.has(stream)) this.#refusers.delete(stream);
    for (const envoy of envoys) if (this.#refuses(envoy, nowMs)) back.push(envoy.stream);
    if (this.#refusers.size > 0) this.#words = refusalText(this.#refusers.values());
    else if (envoys.some(isTaken)) this.#words = '';
    this.#served ||= envoys.some(isTaken);
    if (this.#refusers.size === 0 && envoys.length > 0 && envoys.every(isTaken))
      this.good = { part: this.wanted, snapshot: this.told };
    return this.good === undefined ? [] : back;
  }

  /** Those that are to be told the wanted part again now. */
  retries(nowMs: number): object[] {
    const due = [...this.#refusers].filter(([, { trying, retryAtMs }]) => !trying && nowMs >= retryAtMs);
    for (const [, refuser] of due) refuser.trying = true;
    return due.map(([stream]) => stream);
  }

  /** When {@link retries} has something again; Infinity: it will not. */
  get nextRetryMs(): number {
    const waiting = [...this.#refusers.values()].filter(({ trying }) => !trying);
    return Math.min(...waiting.map(({ retryAtMs }) => retryAtMs));
  }

  report(envoys: readonly ConnectedEnvoy[]): GatewayReport {
    return {
      version: this.wanted.version,
      connected: envoys.length,
      taken: envoys.filter(envoy => isTaken(envoy) && !this.#refusers.has(envoy.stream)).length,
      served: this.#served,
      ...(this.#words !== '' && { refusal: this.#words }),
    };
  }

  /** Whether it refuses what is wanted, and did not when it was looked at last. */
  #refuses({ stream, node, settled, rejections }: ConnectedEnvoy, nowMs: number): boolean {
    const known = this.#refusers.get(stream);
    // Half of an answer: what is refused may be of an older snapshot.
    if (!settled || known?.trying === false) return false;
    if (rejections.length === 0) {
      this.#refusers.delete(stream);
      return false;
    }
    const message = [...new Set(rejections.map(each => each.message))].sort().join('; ');
    const { firstMs, maxMs } = this.#times;
    const waitMs = known === undefined ? firstMs : Math.min(2 * known.waitMs, maxMs);
    this.#refusers.set(stream, { id: node.id, message, waitMs, retryAtMs: nowMs + waitMs, trying: false });
    return true;
  }
}

function isTaken({ settled, rejections }: ConnectedEnvoy): boolean {
  return settled && rejections.length === 0;
}
