import type { Pool } from '../../plan/index.ts';
import { PickerClient } from './picker-client.ts';
import type { PickerClientParts } from './picker-client-parts.ts';

/** The external picker of a pool, and the pool's endpoints as it names them. */
export interface ExternalPicking {
  readonly client: PickerClient;
  /** Of the pool's endpoints by id. */
  readonly indexOf: ReadonlyMap<string, number>;
}

/** The clients of a plan, by what the plan says of the pickers: one that stays keeps its connections. */
export class PickerClients {
  readonly #parts: PickerClientParts;
  readonly #clients = new Map<string, PickerClient>();

  constructor(parts: PickerClientParts) {
    this.#parts = parts;
  }

  /** @param before of the plan before */
  of(pool: Pool | undefined, before: PickerClients | undefined): ExternalPicking | undefined {
    const picker = pool?.externalPicker;
    if (pool === undefined || picker === undefined) return undefined;
    const key = JSON.stringify(picker);
    const known = this.known(key) ?? before?.known(key);
    const client = known ?? new PickerClient(picker, this.#parts);
    this.#clients.set(key, client);
    return { client, indexOf: new Map(pool.endpoints.map(({ id }, i) => [id, i])) };
  }

  /** Closes those that the other has not; calls that are open go on. */
  close(butFor?: PickerClients): void {
    for (const [key, client] of this.#clients) if (butFor?.known(key) !== client) client.close();
  }

  /** @param key of a picker, see {@link of} */
  private known(key: string): PickerClient | undefined {
    return this.#clients.get(key);
  }
}
