/** What one scrape says of a model server; zero, empty where it does not say it. */
export interface Figures {
  /** Requests in the running batch, over all engines of the server. */
  readonly running: number;
  /** Requests that are queued in the server, over all its engines. */
  readonly waiting: number;
  /** Share of the KV cache in use, 0..1: the mean over the engines. NaN: not known. */
  readonly kvCacheUsage: number;
  /** Base model as the metrics' label names it; '' unknown. */
  readonly modelName: string;
  /** LoRA adapters with at least one running request. */
  readonly runningAdapters: readonly string[];
  /** LoRA adapters with at least one waiting request. */
  readonly waitingAdapters: readonly string[];
  /** LoRA slots; 0: unknown, or no LoRA. */
  readonly maxAdapters: number;
  /** Tokens in a block of the KV cache; 0 unknown. */
  readonly blockSize: number;
  /** Blocks of the KV cache, over all engines; 0 unknown. */
  readonly numBlocks: number;
}
