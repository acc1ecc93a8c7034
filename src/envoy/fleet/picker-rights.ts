import { RETIRED_MS } from '../retired-plans.ts';
import type { GatewayPart } from './gateway-parts.ts';

/** About which clusters the Envoys of each Gateway may ask the picker: those with a pool that their part of the plan uses. */
export class PickerRights {
  readonly #uriOf: (gateway: string) => string;
  /** By URIs of certificates: clusters, and until when. */
  #clusters = new Map<string, Map<string, number>>();

  constructor(uriOf: (gateway: string) => string) {
    this.#uriOf = uriOf;
  }

  /** @param parts by Gateways; all that their Envoys may have. What they had before counts as long as requests may be on their way. */
  apply(parts: Iterable<readonly [string, GatewayPart]>, nowMs: number): void {
    const before = this.#clusters;
    this.#clusters = new Map();
    for (const [gateway, { clusters }] of parts) {
      const rights = this.#rightsOf(this.#uriOf(gateway));
      for (const { name, pool } of clusters)
        if (pool !== undefined) rights.set(name, Number.POSITIVE_INFINITY);
    }
    for (const [uri, had] of before)
      for (const [name, untilMs] of had) {
        const lingersMs = untilMs === Number.POSITIVE_INFINITY ? nowMs + RETIRED_MS : untilMs;
        if (lingersMs > nowMs && this.#clusters.get(uri)?.has(name) !== true)
          this.#rightsOf(uri).set(name, lingersMs);
      }
  }

  /** @param uris of a client's certificate */
  allows(uris: readonly string[], cluster: string, nowMs: number): boolean {
    return uris.some(uri => nowMs < (this.#clusters.get(uri)?.get(cluster) ?? Number.NEGATIVE_INFINITY));
  }

  #rightsOf(uri: string): Map<string, number> {
    const known = this.#clusters.get(uri);
    if (known !== undefined) return known;
    const made = new Map<string, number>();
    this.#clusters.set(uri, made);
    return made;
  }
}
