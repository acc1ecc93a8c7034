import type { Payer } from '../../kernel/index.ts';
import type { HeaderMutation } from '../../plan/index.ts';
import type { ExternalPicking, PickOutcome, Placement } from '../../request/index.ts';
import { headerList, REQUEST_HEADERS, RESPONSE_HEADERS } from './wire/header-list.ts';

/**
 * Passes a request of our own Envoy on to the external picker of its pool, and gives back what that says. Envoy cannot go on
 * without a picker once it has begun to stream a body to it, nor hold a picker's answer against the pool; this can.
 */
export class Relay {
  readonly #external: ExternalPicking;
  #headers: Buffer | undefined;
  #placement: Placement | undefined;

  constructor(external: ExternalPicking) {
    this.#external = external;
  }

  /** @param bytes of the message with the request's headers */
  head(bytes: Buffer): void {
    this.#headers = bytes;
  }

  /** @param body as much of it as was read @param done called once, not before this returns; not after {@link end} @param payer of what it throws */
  ask(body: Buffer | undefined, done: (outcome: PickOutcome) => void, payer: Payer): void {
    const { client, indexOf } = this.#external;
    this.#placement = client.place({
      indexOf,
      headers: this.#headers === undefined ? [] : headerList(this.#headers, REQUEST_HEADERS),
      body,
      placed: outcome =>
        queueMicrotask(() => {
          try {
            if (this.#placement !== undefined) done(outcome);
          } catch (thrown) {
            payer.fault(thrown);
          }
        }),
      fault: thrown => payer.fault(thrown),
    });
  }

  /**
   * Tells of a response.
   * @param bytes of the message with its headers
   * @param changed see {@link Placement.responded}
   */
  responded(
    bytes: Buffer,
    status: number,
    served: string,
    changed: (changes: HeaderMutation | undefined) => void,
  ): boolean {
    if (this.#placement === undefined) return false;
    const headers = headerList(bytes, RESPONSE_HEADERS).filter(
      (_, i, all) => !(all[i - (i % 2)] as string).startsWith(':'),
    );
    return this.#placement.responded(status, headers, served, changed);
  }

  /** The request is over. */
  end(): void {
    this.#placement?.end();
    this.#placement = undefined;
  }
}
