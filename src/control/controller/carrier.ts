import type { ApiServer } from '../../cluster/api-server/index.ts';
import { HandoffPublisher, HandoffReader } from '../../cluster/handoff/index.ts';
import type { Plane } from '../../plane/index.ts';

export interface CarrierOptions {
  readonly server: ApiServer;
  readonly namespace: string;
  readonly pod: string;
  readonly plane: Plane;
  /** It serves all from now on. */
  readonly onServes: () => void;
  readonly onProblem: (message: string) => void;
}

/**
 * Replicas that carry the bytes one after the other: Services lead to the leader alone, whose limits count. Who stops in order tells
 * what it still has in flight, which the next one counts.
 */
export class Carrier {
  readonly #options: CarrierOptions;
  readonly #reader: HandoffReader;
  #leads = false;
  #serves = false;
  #publisher: HandoffPublisher | undefined;

  constructor(options: CarrierOptions) {
    this.#options = options;
    const { plane } = options;
    this.#reader = new HandoffReader({ ...options, onInUse: inUse => plane.countElsewhere?.(inUse) });
    // One that is started again where the last leader was, is not it yet.
    plane.setAcceptance?.('none');
  }

  /** It leads and knows what others have in flight: Services may lead here. */
  get serves(): boolean {
    return this.#serves;
  }

  /** Connections that are kept end with their next answer. */
  announce(): void {
    this.#options.plane.setAcceptance?.('last-answers');
  }

  /** It serves all from when it knows what others have in flight. */
  async lead(leads: boolean): Promise<void> {
    this.#leads = leads;
    const { plane } = this.#options;
    // One that led may have to go on, when no API server says who leads.
    if (!leads) {
      this.#serves = false;
      plane.setAcceptance?.('last-answers');
    } else if (this.#publisher === undefined) {
      await this.#reader.look();
      if (!this.#leads || this.#publisher !== undefined) return;
      plane.setAcceptance?.('all');
      this.#serves = true;
      this.#options.onServes();
    }
  }

  /** Grants nothing more; resolves when the next one can know what is in flight here. */
  async leave(): Promise<void> {
    this.#reader.stop();
    const { plane } = this.#options;
    this.#publisher = new HandoffPublisher({
      ...this.#options,
      inUse: () => plane.handOver?.() ?? { limits: new Map(), endpoints: new Map() },
    });
    await this.#publisher.published;
  }

  /** Nothing is in flight here any more. */
  async close(): Promise<void> {
    this.#reader.stop();
    await this.#publisher?.stop();
  }
}
