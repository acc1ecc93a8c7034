import type { Limits, ScopeHandle } from '../../limits/index.ts';
import { CONNECT_RETRIES, IDEMPOTENT_METHODS, type RetryPolicy } from '../../plan/index.ts';
import type { StaleConnection } from './sending-failure.ts';

/** Of the request that may be sent again. */
export interface Repeatable {
  readonly method: string;
  /** All of it is kept. */
  readonly whole: boolean;
}

/** The retries of one request: how many are left to it, and its place in the budget of its scope, given back exactly once. */
export class Retries {
  readonly #limits: Limits;
  readonly #scope: ScopeHandle | undefined;
  readonly #policy: RetryPolicy | undefined;
  #done = 0;
  #held = false;
  /** It was sent anew after its server had given up the connection: from then on on connections of its own. */
  sentAnew = false;

  constructor(limits: Limits, scope: ScopeHandle | undefined, policy: RetryPolicy | undefined) {
    this.#limits = limits;
    this.#scope = scope;
    this.#policy = policy;
  }

  /** The try that is under way is not the first. */
  get retried(): boolean {
    return this.#done > 0 || this.sentAnew;
  }

  /** So many retries came before the one that is held. */
  get before(): number {
    return this.#done - 1;
  }

  /** As a policy says, of a request that is kept. */
  again({ whole }: Repeatable): boolean {
    return this.#policy !== undefined && whole && this.#done < this.#policy.attempts && this.#take();
  }

  /** Nothing was sent: at once, where another endpoint is left. A body that is streamed is still held. */
  elsewhere(tried: number, endpoints: number): boolean {
    if (tried >= endpoints || this.#done >= (this.#policy?.attempts ?? CONNECT_RETRIES)) return false;
    return this.#take();
  }

  /**
   * The server gave up the kept connection: to the same endpoint, once, where the method allows to send it twice (RFC 9110 section
   * 9.2.2), or nothing of it went out.
   */
  anew(stale: Exclude<StaleConnection, 'no'>, { method, whole }: Repeatable): boolean {
    if (this.sentAnew || !whole || (stale === 'sent' && !IDEMPOTENT_METHODS.has(method))) return false;
    const done = this.#done;
    this.sentAnew = this.#take();
    this.#done = done;
    return this.sentAnew;
  }

  /** None is under way. */
  release(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#giveBack();
  }

  #take(): boolean {
    if (this.#scope !== undefined && !this.#limits.acquireRetry(this.#scope)) return false;
    const before = this.#held;
    this.#held = true;
    this.#done++;
    // Last: whatever it throws, what is held now is known.
    if (before) this.#giveBack();
    return true;
  }

  #giveBack(): void {
    if (this.#scope !== undefined) this.#limits.releaseRetry(this.#scope);
  }
}
