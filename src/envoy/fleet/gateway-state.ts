import { type LeftOut, type LeftOutPart, leftOutOf, type Part } from '../../plan/index.ts';
import { originOf, partlyTold } from '../walls/origins.ts';
import { leftOutParts } from '../walls/walls.ts';
import type { Snapshot } from '../xds/snapshot.ts';
import type { ConnectedEnvoy } from '../xds/xds-server.ts';
import type { GatewayPart } from './gateway-parts.ts';
import { type GatewayReport, refusalText } from './gateway-report.ts';
import { Member, RETRY_TIMES, type RetryTimes, wordsOf } from './member.ts';

/** Writes what Envoys are told. */
export interface Writer {
  /** @param previous that Envoys have */
  snapshotOf(part: GatewayPart, previous: Snapshot | undefined): Snapshot;
  /** Parts that cannot be written at all, of one that was written. */
  unwritable(part: GatewayPart): Iterable<LeftOutPart>;
}

/** What Envoys have to be told. */
export interface Change {
  /** {@link GatewayState.told} is another than before. */
  readonly all: boolean;
  /** What single ones are to be, by {@link ConnectedEnvoy.stream}. */
  readonly alone: ReadonlyMap<object, Snapshot>;
  /** Of Envoys that refuse something which they had not refused before: their ids and words. */
  readonly refusals: readonly (readonly [string, string])[];
}

/** What one Envoy is told alone. */
interface Alone {
  readonly plan: GatewayPart;
  readonly snapshot: Snapshot;
}

/**
 * What one Gateway's Envoys are told, and what they take of it. Each is told what is wanted. With one that refuses something it is
 * found out which part that is, with it alone; then all are told the rest. One that refuses what no part can be blamed for is told
 * the last good state again, alone: the others serve on, and a new one may well take what it refused.
 */
export class GatewayState {
  /** What the plan has for them. */
  wanted: GatewayPart;
  /** The same for Envoy, without what one of them refuses. */
  told: Snapshot;
  #toldPart: GatewayPart;
  /** What all of them had taken last. */
  good: { readonly part: GatewayPart; readonly snapshot: Snapshot } | undefined;
  /** What all Envoys of other replicas had taken last: theirs go back to it, and ask the picker of this one by its names. */
  #far: GatewayPart | undefined;
  #isRefusedElsewhere = false;
  readonly #times: RetryTimes;
  readonly #writer: Writer;
  /** By {@link ConnectedEnvoy.stream}. */
  readonly #members = new Map<object, Member>();
  readonly #alone = new Map<object, Alone>();
  /** Those that were told again what they had refused, and have not answered yet. */
  readonly #isTrying = new Set<Member>();
  /** What {@link told} was made of. */
  #of: GatewayPart;
  /** What those refused that are gone: one that connects again is not asked about each part of it once more. */
  #remembered: ReadonlyMap<Part, string> = new Map();
  #out: ReadonlyMap<Part, string> = new Map();
  /** For statuses. */
  #leftOut: readonly LeftOut[];
  /** Of the last that kept an earlier state; until one takes the wanted one, or something else is wanted. */
  #words = '';
  #served = false;

  constructor(wanted: GatewayPart, writer: Writer, times: RetryTimes = RETRY_TIMES) {
    this.wanted = wanted;
    this.#toldPart = wanted;
    this.#of = wanted;
    this.#writer = writer;
    this.told = writer.snapshotOf(wanted, undefined);
    this.#leftOut = leftOutOf(wanted, writer.unwritable(wanted));
    this.#times = times;
  }

  want(part: GatewayPart): void {
    this.wanted = part;
    this.#alone.clear();
    this.#isTrying.clear();
    this.#words = '';
    // What is refused is the same part still, or it is another one that may be taken.
    for (const member of this.#members.values()) member.tell(part, this.#outBut(member));
    this.#tell();
  }

  /** The part as Envoys are told it. */
  get toldPart(): GatewayPart {
    return this.#toldPart;
  }

  /** Envoys that refuse something. */
  get refusers(): number {
    return [...this.#members.values()].filter(({ phase, found }) => phase !== 'told' || found.size > 0)
      .length;
  }

  /** What those are to be that are not as the others. */
  get exceptions(): ReadonlyMap<object, Snapshot> {
    return new Map([...this.#alone].map(([stream, { snapshot }]) => [stream, snapshot]));
  }

  /** Places have changed that are in what Envoys are told. */
  rebuild(): void {
    this.told = this.#writer.snapshotOf(this.#toldPart, this.told);
    const { good } = this;
    if (good !== undefined)
      this.good = { part: good.part, snapshot: this.#writer.snapshotOf(good.part, good.snapshot) };
    for (const [stream, { plan, snapshot }] of this.#alone)
      this.#alone.set(stream, { plan, snapshot: this.#writer.snapshotOf(plan, snapshot) });
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
    const isKept = [...this.#members.values()].some(({ phase }) => phase !== 'told');
    const parts = [isKept ? this.good?.part : undefined, this.#isRefusedElsewhere ? this.#far : undefined];
    return [...new Set(parts)].filter(part => part !== undefined && part !== this.#toldPart) as GatewayPart[];
  }

  /** Takes note of how the Envoys stand. To be asked again once they were told what has changed. */
  note(envoys: readonly ConnectedEnvoy[], nowMs: number): Change {
    this.#forget(envoys);
    const alone = new Map<object, Snapshot>();
    const refusals: [string, string][] = [];
    for (const { stream, node, settled, rejections } of envoys) {
      const member = this.#members.get(stream) ?? this.#join(stream, node.id, nowMs);
      // Half of an answer: what is refused may be of an older snapshot.
      if (!settled) continue;
      const before = member.phase;
      const isTrying = this.#isTrying.delete(member);
      const next = member.answered(rejections, nowMs);
      if (rejections.length > 0 && (before === 'told' || isTrying))
        refusals.push([node.id, wordsOf(rejections)]);
      if (next !== undefined) alone.set(stream, this.#tellAlone(stream, next));
      else if (member.phase !== before) {
        this.#alone.delete(stream);
        if (member.phase === 'told') alone.set(stream, this.told);
        else if (this.good !== undefined) {
          const { part: plan, snapshot } = this.good;
          this.#alone.set(stream, { plan, snapshot });
          alone.set(stream, snapshot);
        }
      }
    }
    const all = this.#tell();
    for (const [stream] of alone) if (!this.#alone.has(stream)) alone.set(stream, this.told);
    this.#conclude(envoys, all);
    return { all, alone, refusals };
  }

  /** Those that are to be told again now what they have refused. */
  retries(nowMs: number): Map<object, Snapshot> {
    const due = [...this.#members].filter(([, { retryAtMs }]) => nowMs >= retryAtMs);
    return new Map(
      due.map(([stream, member]) => {
        this.#isTrying.add(member);
        return [stream, this.#tellAlone(stream, member.retry(this.wanted, this.#outBut(member)))];
      }),
    );
  }

  /** When {@link retries} has something again; Infinity: it will not. */
  get nextRetryMs(): number {
    return Math.min(...[...this.#members.values()].map(({ retryAtMs }) => retryAtMs));
  }

  report(envoys: readonly ConnectedEnvoy[]): GatewayReport {
    return {
      version: this.wanted.version,
      connected: envoys.length,
      taken: envoys.filter(envoy => this.#hasTaken(envoy)).length,
      served: this.#served,
      ...(this.#words !== '' && { refusal: this.#words }),
      ...(this.#leftOut.length > 0 && { leftOut: this.#leftOut }),
    };
  }

  #hasTaken({ stream, settled, rejections }: ConnectedEnvoy): boolean {
    const phase = this.#members.get(stream)?.phase ?? 'told';
    return settled && rejections.length === 0 && phase === 'told';
  }

  #conclude(envoys: readonly ConnectedEnvoy[], changed: boolean): void {
    const refusing = [...this.#members.values()].filter(({ words }) => words !== '');
    const taken = envoys.filter(envoy => this.#hasTaken(envoy));
    if (refusing.length > 0)
      this.#words = refusalText(refusing.map(({ id, words }) => ({ id, message: words })));
    else if (taken.length > 0) this.#words = '';
    this.#served ||= taken.length > 0;
    if (!changed && envoys.length > 0 && taken.length === envoys.length)
      this.good = { part: this.#toldPart, snapshot: this.told };
  }

  #join(stream: object, id: string, nowMs: number): Member {
    const member = new Member(id, this.#times);
    if (this.#members.size === 0 && this.#remembered.size > 0) member.inherit(this.#remembered, nowMs);
    this.#remembered = new Map();
    member.tell(this.wanted, this.#outBut(member));
    this.#members.set(stream, member);
    return member;
  }

  #forget(envoys: readonly ConnectedEnvoy[]): void {
    const streams = new Set(envoys.map(({ stream }) => stream));
    for (const [stream, member] of this.#members) {
      if (streams.has(stream)) continue;
      this.#members.delete(stream);
      this.#alone.delete(stream);
      this.#isTrying.delete(member);
      if (this.#members.size === 0) this.#remembered = member.found;
    }
  }

  #outBut(but: Member | undefined): Map<Part, string> {
    const members = [...this.#members.values()].filter(member => member !== but);
    return new Map(members.flatMap(({ found }) => [...found]));
  }

  #tellAlone(stream: object, plan: GatewayPart): Snapshot {
    const snapshot = this.#writer.snapshotOf(plan, this.#alone.get(stream)?.snapshot ?? this.told);
    this.#alone.set(stream, { plan, snapshot });
    return snapshot;
  }

  /** @returns whether all are to be told something else */
  #tell(): boolean {
    const out = this.#members.size === 0 ? this.#remembered : this.#outBut(undefined);
    const same = out.size === this.#out.size && [...out.keys()].every(part => this.#out.has(part));
    this.#out = out;
    if (same && this.#of === this.wanted) return false;
    this.#of = this.wanted;
    this.#toldPart = out.size === 0 ? this.wanted : partlyTold(this.wanted, each => out.has(originOf(each)));
    this.told = this.#writer.snapshotOf(this.#toldPart, this.told);
    this.#leftOut = leftOutOf(this.wanted, [...this.#writer.unwritable(this.wanted), ...leftOutParts(out)]);
    for (const member of this.#members.values())
      if (member.phase === 'told') member.tell(this.wanted, this.#outBut(member));
    return true;
  }
}
