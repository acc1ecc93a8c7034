import { monotonicMs, wallMs } from '../../kernel/index.ts';
import type { ApiServer } from '../api-server/index.ts';
import { LeaseClient, microTime } from '../leases/index.ts';
import type { LeaseView } from './lease-view.ts';
import {
  FORGOTTEN_MS,
  REPLICA_TIMES,
  REPORT_ANNOTATION,
  RETRY_MS,
  reportLeaseName,
  WRITE_TIMEOUT_MS,
} from './permit-names.ts';

export interface ReportsOptions {
  readonly server: Pick<ApiServer, 'request'>;
  readonly namespace: string;
  readonly pod: string;
  readonly identity: string;
  /** Of this life of this replica; undefined: it has none now. */
  readonly token: () => string | undefined;
  readonly view: LeaseView;
  readonly onProblem: (message: string) => void;
}

interface Written {
  readonly token: string;
  readonly text: string;
  readonly version: string;
  readonly atMs: number;
}

/** At most so often: Envoys come by hundreds. */
const BETWEEN_MS = 500;
/** A watch that shows something else so long after a write does not lag: somebody has changed or deleted it. */
const LAG_MS = 5_000;

/**
 * What replicas tell each other: a text in a Lease of its own for each, as the one that it renews is written all the time, and
 * read by all. It names the token of the life in which it was said, and counts as long as that lives.
 */
export class Reports {
  readonly #options: ReportsOptions;
  readonly #writes: LeaseClient;
  readonly #name: string;
  #text: string | undefined;
  /** As it was written last. */
  #written: Written | undefined;
  #notBeforeMs = Number.NEGATIVE_INFINITY;
  #problem: string | undefined;
  #out: Promise<void> | undefined;

  constructor(options: ReportsOptions) {
    this.#options = options;
    this.#writes = new LeaseClient(options.server, options.namespace, WRITE_TIMEOUT_MS);
    this.#name = reportLeaseName(options.pod);
  }

  /** From now on this, once {@link write} is called. */
  publish(text: string): void {
    this.#text = text;
  }

  /** What the others say that may live, in the order of their names. */
  ofOthers(): string[] {
    const { view } = this.#options;
    return [...view.reports]
      .filter(([name, { token }]) => name !== this.#name && token !== '' && view.stateOf(token) !== 'dead')
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { text }]) => text);
  }

  /** Writes what is not written yet. To be called again and again, once the Leases are known. */
  write(nowMs: number): void {
    if (this.#out !== undefined || nowMs < this.#notBeforeMs) return;
    const token = this.#options.token();
    const text = this.#text;
    if (text === undefined || token === undefined) return;
    const work = this.#isThere(text, token, nowMs) ? this.#forgetOne(nowMs) : this.#put(text, token);
    this.#out = work?.finally(() => {
      this.#out = undefined;
    });
  }

  /** Takes its own away. */
  async stop(): Promise<void> {
    this.#text = undefined;
    this.#notBeforeMs = Number.POSITIVE_INFINITY;
    await this.#out;
    if (this.#written !== undefined) await this.#writes.delete(this.#name, this.#written.version);
  }

  #isThere(text: string, token: string, nowMs: number): boolean {
    const written = this.#written;
    if (written?.text !== text || written.token !== token) return false;
    if (nowMs < written.atMs + LAG_MS) return true;
    const seen = this.#options.view.reports.get(this.#name);
    if (seen?.text === text && seen.token === token) return true;
    this.#written = undefined;
    return false;
  }

  async #put(text: string, token: string): Promise<void> {
    const { identity, view, onProblem } = this.#options;
    const at = microTime(wallMs());
    const durationMs = REPLICA_TIMES.leaseDurationMs;
    const record = { holder: identity, token, durationMs, acquiredAt: at, renewedAt: at, transitions: 0 };
    const basis = this.#written?.version ?? view.reports.get(this.#name)?.version;
    const outcome = await this.#writes.put(this.#name, record, basis, { [REPORT_ANNOTATION]: text });
    const written = outcome.type === 'written';
    this.#written = written
      ? { token, text, version: outcome.lease.version, atMs: monotonicMs() }
      : undefined;
    this.#notBeforeMs = Math.max(this.#notBeforeMs, monotonicMs() + (written ? BETWEEN_MS : RETRY_MS));
    const problem = outcome.type === 'failed' ? outcome.message : undefined;
    if (problem !== undefined && problem !== this.#problem)
      onProblem(`other replicas are not told of the Envoys that are connected here: ${problem}`);
    this.#problem = problem;
  }

  #forgetOne(nowMs: number): Promise<void> | undefined {
    const { view } = this.#options;
    for (const [name, { token, version, atMs }] of view.reports) {
      if (name === this.#name || nowMs < atMs + FORGOTTEN_MS || view.stateOf(token) !== 'dead') continue;
      this.#notBeforeMs = nowMs + RETRY_MS;
      return this.#writes.delete(name, version).then(() => {});
    }
    return undefined;
  }
}
