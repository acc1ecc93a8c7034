import type { ResourcesByName, Snapshot, XdsResource } from './snapshot.ts';
import { nextSends, type Send, type TypeStates } from './type-sequence.ts';
import { TypeState } from './type-state.ts';
import { TYPE_URLS, XDS_TYPES, type XdsType } from './types.ts';
import type { Dialect, StreamEvent } from './xds-dialect.ts';

export interface Rejection {
  readonly type: XdsType;
  readonly name: string;
  readonly version: string;
  /** Envoy's words. */
  readonly message: string;
}

/** One stream of one Envoy, without its socket: requests and snapshots in, responses out. */
export class StreamCore<Request, Response> {
  readonly #dialect: Dialect<Request, Response>;
  readonly #patienceMs: number;
  readonly #states: TypeStates;
  #snapshot: Snapshot | undefined;
  /** Endpoints of clusters that the peer still has although the snapshot has them no more: they may be warming. */
  #retired = new Map<string, XdsResource>();
  #nonce = 0;

  constructor(dialect: Dialect<Request, Response>, patienceMs: number) {
    this.#dialect = dialect;
    this.#patienceMs = patienceMs;
    const states = XDS_TYPES.map(type => [type, new TypeState(type, dialect.delta)] as const);
    this.#states = Object.fromEntries(states) as Record<XdsType, TypeState>;
  }

  set snapshot(snapshot: Snapshot) {
    const before = this.#snapshot?.endpoints;
    this.#snapshot = snapshot;
    this.#retire(snapshot, before);
  }

  #retire(snapshot: Snapshot, before: ResourcesByName | undefined): void {
    const retired = new Map<string, XdsResource>();
    for (const [name, { resource }] of this.#states.cluster.held) {
      const endpoints = snapshot.cluster.has(name) ? undefined : resource?.endpoints;
      if (endpoints === undefined || snapshot.endpoints.has(endpoints)) continue;
      const last = before?.get(endpoints);
      if (last !== undefined) retired.set(endpoints, last);
    }
    this.#retired = retired;
    if (retired.size > 0)
      this.#snapshot = { ...snapshot, endpoints: new Map([...snapshot.endpoints, ...retired]) };
  }

  receive(type: XdsType, request: Request): StreamEvent[] {
    return this.#dialect.read(this.#states[type], request);
  }

  /** Everything that may be sent now. Nothing before there is a snapshot: a peer keeps what it has. */
  responses(nowMs: number): Response[] {
    if (this.#snapshot === undefined) return [];
    for (const type of XDS_TYPES) this.#states[type].settleClaim(this.#snapshot[type]);
    const responses: Response[] = [];
    for (;;) {
      const sends = nextSends(this.#states, this.#snapshot, nowMs, this.#patienceMs);
      if (sends.length === 0) return responses;
      for (const send of sends) responses.push(this.#write(send, nowMs));
    }
  }

  #write(send: Send, nowMs: number): Response {
    const state = this.#states[send.type];
    if (send.type === 'cluster') this.#warm(send);
    this.#nonce += 1;
    const response = this.#dialect.write(state, TYPE_URLS[send.type], send, String(this.#nonce), nowMs);
    if (send.type === 'cluster' && send.changes.gone.length > 0) this.#forgetRetired();
    return response;
  }

  #forgetRetired(): void {
    if (this.#retired.size === 0 || this.#snapshot === undefined) return;
    const endpoints = new Map(this.#snapshot.endpoints);
    for (const name of this.#retired.keys()) endpoints.delete(name);
    this.#retired.clear();
    this.#snapshot = { ...this.#snapshot, endpoints };
  }

  /** A cluster that changes is made anew and waits for its endpoints, also when those have not changed (xDS protocol, "Resource warming"). */
  #warm({ changes }: Send): void {
    const { asked, held, again } = this.#states.endpoints;
    for (const { endpoints } of changes.changed) {
      if (endpoints !== undefined && (!asked || held.has(endpoints))) again.add(endpoints);
    }
  }

  /** Versions by type that the peer has taken. */
  acked(): Readonly<Partial<Record<XdsType, string>>> {
    const acked: Partial<Record<XdsType, string>> = {};
    for (const type of XDS_TYPES) if (this.#states[type].acked !== '') acked[type] = this.#states[type].acked;
    return acked;
  }

  rejections(): Rejection[] {
    const found: Rejection[] = [];
    for (const type of XDS_TYPES) {
      for (const [name, { version, rejected }] of this.#states[type].held) {
        if (rejected !== undefined) found.push({ type, name, version, message: rejected });
      }
    }
    return found;
  }

  /** What the peer has refused is sent again if it is still wanted. */
  forgetRejections(): void {
    for (const type of XDS_TYPES) this.#states[type].forgetRejections();
  }

  /** The peer has answered everything, and nothing of the snapshot is left to send. It may have refused some: {@link rejections}. */
  settled(): boolean {
    const snapshot = this.#snapshot;
    if (snapshot === undefined) return false;
    return XDS_TYPES.every(type => {
      const { outstanding, asked } = this.#states[type];
      const { changed, gone } = this.#states[type].changes(snapshot[type]);
      return (
        outstanding === undefined &&
        changed.length === 0 &&
        gone.length === 0 &&
        (asked || type !== 'cluster')
      );
    });
  }

  /** Secrets that the peer has not asked for: it does so when it has the listeners that they belong to. */
  awaitsSecrets(): boolean {
    const { names } = this.#states.secret;
    for (const name of this.#snapshot?.secret.keys() ?? []) if (!names.has(name)) return true;
    return false;
  }

  /** Types that have not answered for so long. */
  overdue(nowMs: number, afterMs: number): XdsType[] {
    return XDS_TYPES.filter(type => {
      const { outstanding } = this.#states[type];
      return outstanding !== undefined && nowMs - outstanding.sinceMs >= afterMs;
    });
  }

  /** Names that are asked for or remembered: what the peer makes this server keep. */
  get size(): number {
    return XDS_TYPES.reduce(
      (sum, type) => sum + this.#states[type].names.size + this.#states[type].held.size,
      0,
    );
  }
}
