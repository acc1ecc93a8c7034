export type LoraPlace = 'gpu' | 'memory' | 'disk';

/** Which adapters are on the GPU and which in memory: two least-recently-used lists, as vLLM's LRUCacheWorkerLoRAManager. */
export class LoraSlots {
  readonly maxLoras: number;
  readonly maxCpuLoras: number;
  // A Set keeps insertion order: the first is the one that was used longest ago.
  readonly #gpu = new Set<string>();
  readonly #memory = new Set<string>();

  constructor(maxLoras: number, maxCpuLoras: number) {
    this.maxLoras = maxLoras;
    this.maxCpuLoras = Math.max(maxLoras, maxCpuLoras);
  }

  /**
   * Brings an adapter to the GPU. Never drops one of `pinned`, which must leave a place.
   * @returns where it was found.
   */
  use(name: string, pinned: ReadonlyMap<string, number>): LoraPlace {
    const place: LoraPlace = this.#gpu.has(name) ? 'gpu' : this.#memory.has(name) ? 'memory' : 'disk';
    renew(this.#gpu, name, this.maxLoras, pinned);
    renew(this.#memory, name, this.maxCpuLoras, pinned);
    return place;
  }
}

function renew(list: Set<string>, name: string, most: number, pinned: ReadonlyMap<string, number>): void {
  list.delete(name);
  list.add(name);
  for (const other of list) {
    if (list.size <= most) return;
    if (other !== name && !pinned.has(other)) list.delete(other);
  }
}
