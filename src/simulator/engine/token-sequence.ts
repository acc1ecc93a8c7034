import { rootHash } from './block-hash.ts';

export type FinishReason = 'stop' | 'length' | 'abort';

/** What makes the tokens of a sequence. The engine says when, this says what. */
export interface TokenSource {
  /** Makes and hands out the next token. */
  next(): number;
  /** Set after the `next()` that was the last. */
  readonly finished: 'stop' | 'length' | undefined;
}

export interface SequenceRequest {
  readonly promptTokens: readonly number[];
  readonly maxTokens: number;
  readonly source: TokenSource;
  /** Name of the adapter; '' for the base model. */
  readonly lora: string;
  /** Prefixes are shared only among equal salts. */
  readonly cacheSalt: string;
  /** Parameter `n` of the request that this sequence belongs to, for the metrics. */
  readonly n: number;
}

/** One sequence on its way through the engine. Times are in ms of the engine's clock; NaN until they have happened. */
export class Sequence {
  readonly request: SequenceRequest;
  readonly arrivalMs: number;
  /** Prompt, then what was generated. */
  readonly tokens: number[];
  state: 'waiting' | 'running' | 'done' = 'waiting';
  /** Waits because the batch already has as many adapters as it can. */
  deferred = false;
  /** A step began without it. */
  passedOver = false;
  /** Tokens whose keys and values are in blocks. */
  computed = 0;
  /** Tokens to compute in the step that runs. */
  scheduled = 0;
  /** Prompt tokens that were found in the prefix cache when the sequence was first scheduled. */
  cachedTokens = -1;
  preemptions = 0;
  scheduledMs = Number.NaN;
  firstTokenMs = Number.NaN;
  lastTokenMs = Number.NaN;
  readonly blocks: number[] = [];
  /** Hashes of the full blocks, as far as they were needed. */
  readonly hashes: number[] = [];
  /** Full blocks whose content others can already share. */
  labelled = 0;
  readonly root: number;

  constructor(request: SequenceRequest, arrivalMs: number) {
    this.request = request;
    this.arrivalMs = arrivalMs;
    this.tokens = [...request.promptTokens];
    this.root = rootHash(request.lora, request.cacheSalt);
  }

  get generated(): number {
    return this.tokens.length - this.request.promptTokens.length;
  }
}
