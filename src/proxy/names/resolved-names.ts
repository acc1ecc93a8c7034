import { startTimer, stopTimer, type Timer, toError } from '../../kernel/index.ts';
import type { LookUp, Resolved } from './lookup.ts';

/** Envoy Gateway's `dns_refresh_rate`, where no record says how long it holds. */
const REFRESH_MS = 30_000;
/** A record that holds shorter is asked for no more often than this. */
const LEAST_REFRESH_MS = 1000;
/** After a failure: doubled with each in a row, up to {@link REFRESH_MS}. */
const FIRST_RETRY_MS = 1000;
/** Names are not all asked for in one moment: each time a tenth of the time later at the most. */
const JITTER = 0.1;

export interface NamesOptions {
  readonly lookUp: LookUp;
  /** 0..1 */
  readonly random: () => number;
  /** The addresses of a name are others than before. */
  readonly onChange: () => void;
  readonly onEvent: (message: string, severity: 'info' | 'warning') => void;
}

/** What is known of a name. Addresses are those of the last answer: a failure changes nothing. */
interface Known {
  addresses: readonly string[];
  failures: number;
  timer: Timer | undefined;
  /** Resolves with the first answer or failure. */
  readonly first: PromiseWithResolvers<void>;
}

/**
 * The addresses of names, followed as they change (Envoy's STRICT_DNS, with respect_dns_ttl):
 *
 *     asking ──answer──▶ known, until its time is over ──▶ asking
 *        └───failure──▶ as before, tried again after a while ──▶ asking
 */
export class Names {
  readonly #options: NamesOptions;
  readonly #known = new Map<string, Known>();

  constructor(options: NamesOptions) {
    this.#options = options;
  }

  /** Follows these names and no others. Resolves when something is known of each, or after the time. */
  async follow(names: ReadonlySet<string>, timeoutMs: number): Promise<void> {
    for (const [name, { timer, first }] of this.#known) {
      if (names.has(name)) continue;
      stopTimer(timer);
      first.resolve();
      this.#known.delete(name);
    }
    const waited: Promise<void>[] = [];
    for (const name of names) {
      let known = this.#known.get(name);
      if (known === undefined) {
        known = { addresses: [], failures: 0, timer: undefined, first: Promise.withResolvers() };
        this.#known.set(name, known);
        void this.#ask(name, known);
      }
      waited.push(known.first.promise);
    }
    if (waited.length === 0) return;
    const late = Promise.withResolvers<void>();
    const timer = startTimer(timeoutMs, late.resolve);
    await Promise.race([Promise.all(waited), late.promise]);
    stopTimer(timer);
  }

  addresses(name: string): readonly string[] {
    return this.#known.get(name)?.addresses ?? [];
  }

  close(): void {
    void this.follow(new Set(), 0);
  }

  async #ask(name: string, known: Known): Promise<void> {
    let nextMs: number;
    try {
      const resolved = await this.#options.lookUp(name);
      nextMs = refreshMs(resolved);
      this.#answered(name, known, resolved.addresses);
    } catch (thrown) {
      nextMs = Math.min(FIRST_RETRY_MS * 2 ** Math.min(known.failures, 10), REFRESH_MS);
      if (known.failures++ === 0)
        this.#options.onEvent(`${name} cannot be resolved: ${toError(thrown).message}`, 'warning');
    }
    known.first.resolve();
    if (this.#known.get(name) !== known) return;
    const { random } = this.#options;
    known.timer = startTimer(nextMs * (1 + JITTER * random()), () => void this.#ask(name, known));
    known.timer.unref();
  }

  #answered(name: string, known: Known, addresses: readonly string[]): void {
    const { onChange, onEvent } = this.#options;
    if (known.failures > 0) onEvent(`${name} is resolved again`, 'info');
    known.failures = 0;
    const changed = known.addresses.join() !== addresses.join();
    known.addresses = addresses;
    if (addresses.length === 0 && changed) onEvent(`${name} has no addresses any more`, 'warning');
    if (changed && this.#known.get(name) === known) onChange();
  }
}

function refreshMs({ ttlMs = 0 }: Resolved): number {
  // Envoy: a TTL of 0 says nothing.
  return ttlMs === 0 ? REFRESH_MS : Math.max(LEAST_REFRESH_MS, ttlMs);
}
