export type XdsEventKind =
  | 'connected'
  | 'disconnected'
  /** A connection, stream or request that was ended: too many, garbage, no or unknown node. */
  | 'refused'
  /** A resource type that Breakwater does not serve. */
  | 'unsupported'
  | 'stale'
  /** An Envoy has left a response unanswered. */
  | 'overdue';

export interface XdsEvent {
  readonly kind: XdsEventKind;
  /** `ADDRESS:PORT` */
  readonly peer: string;
  readonly node?: string;
  /** One sentence without the peer. */
  readonly message: string;
  /** Events of this kind since the last that was reported: at most one a second is. */
  readonly unreported: number;
}

const BETWEEN_MS = 1000;

/** Counts everything, tells at most one event of a kind each second; comings and goings of Envoys always. */
export class EventLog {
  readonly counts: Record<XdsEventKind, number> = {
    connected: 0,
    disconnected: 0,
    refused: 0,
    unsupported: 0,
    stale: 0,
    overdue: 0,
  };
  readonly #tell: (event: XdsEvent) => void;
  readonly #last = new Map<XdsEventKind, number>();
  readonly #unreported = new Map<XdsEventKind, number>();

  constructor(tell: (event: XdsEvent) => void) {
    this.#tell = tell;
  }

  report(kind: XdsEventKind, peer: string, node: string | undefined, message: string, nowMs: number): void {
    this.counts[kind] += 1;
    const unreported = this.#unreported.get(kind) ?? 0;
    const always = kind === 'connected' || kind === 'disconnected';
    if (!always && nowMs - (this.#last.get(kind) ?? Number.NEGATIVE_INFINITY) < BETWEEN_MS) {
      this.#unreported.set(kind, unreported + 1);
      return;
    }
    this.#last.set(kind, nowMs);
    this.#unreported.set(kind, 0);
    this.#tell({ kind, peer, ...(node === undefined ? {} : { node }), message, unreported });
  }
}
