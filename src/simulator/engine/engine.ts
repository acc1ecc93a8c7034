import { blockHash } from './block-hash.ts';
import { BlockPool } from './block-pool.ts';
import type { EngineObserver } from './engine-observer.ts';
import { LoraSlots } from './lora-slots.ts';
import type { StepWork } from './timing.ts';
import { type FinishReason, Sequence, type SequenceRequest } from './token-sequence.ts';

export interface EngineConfig {
  readonly blocks: number;
  readonly blockSizeTokens: number;
  readonly maxNumSeqs: number;
  readonly maxNumBatchedTokens: number;
  readonly enablePrefixCaching: boolean;
  readonly maxLoras: number;
  readonly maxCpuLoras: number;
}

/**
 * The scheduler of a model server without its GPU: continuous batching with chunked prefill, KV blocks, preemption, a prefix
 * cache and adapters, by the rules of vLLM's v1 scheduler. It knows no clock: `begin` says what the next step has to do, the
 * caller decides how long that takes, `end` hands out the tokens.
 */
export class Engine {
  readonly #config: EngineConfig;
  readonly #observer: EngineObserver;
  readonly #pool: BlockPool;
  readonly #loras: LoraSlots;
  #waiting: Sequence[] = [];
  #running: Sequence[] = [];
  #inStep: Sequence[] = [];
  /** Adapters of running sequences, counted. */
  readonly #activeLoras = new Map<string, number>();
  #promptComputed = 0;

  constructor(config: EngineConfig, observer: EngineObserver) {
    this.#config = config;
    this.#observer = observer;
    this.#pool = new BlockPool(config.blocks);
    this.#loras = new LoraSlots(config.maxLoras, config.maxCpuLoras);
  }

  get running(): number {
    return this.#running.length;
  }

  /** Sequences that a step has left waiting. Those that came since may be in the next one: as in vLLM, they are not told of. */
  get waiting(): number {
    return this.#waiting.reduce((count, sequence) => count + (sequence.passedOver ? 1 : 0), 0);
  }

  get deferred(): number {
    return this.#waiting.reduce((count, sequence) => count + (sequence.deferred ? 1 : 0), 0);
  }

  get unfinished(): number {
    return this.#running.length + this.#waiting.length;
  }

  get kvUsage(): number {
    return this.#pool.usage;
  }

  /** Reads an adapter as at start-up, when nothing runs. */
  preload(lora: string): void {
    this.#loras.use(lora, this.#activeLoras);
  }

  add(request: SequenceRequest, nowMs: number): Sequence {
    const sequence = new Sequence(request, nowMs);
    this.#waiting.push(sequence);
    return sequence;
  }

  /** Frees all that a sequence holds, now; nothing happens when it has ended. */
  abort(sequence: Sequence, nowMs: number): void {
    if (sequence.state === 'done') return;
    this.#finish(sequence, 'abort', nowMs);
    this.#running = this.#running.filter(isLive);
    this.#waiting = this.#waiting.filter(isLive);
    this.#reportLoras();
  }

  /** Chooses what the next step computes; undefined when there is nothing to do. */
  begin(nowMs: number): StepWork | undefined {
    this.#inStep = [];
    this.#promptComputed = 0;
    let budget = this.#config.maxNumBatchedTokens;
    const preemptionsBefore = this.#waiting.length;
    for (let at = 0; at < this.#running.length && budget > 0; at++) {
      const sequence = this.#running[at]!;
      const tokens = Math.min(sequence.tokens.length - sequence.computed, budget);
      if (!this.#allocateByPreemption(sequence, tokens)) break;
      budget -= this.#schedule(sequence, tokens);
    }
    const preempted = this.#waiting.length > preemptionsBefore;
    const loads = preempted ? { lorasLoaded: 0, lorasSwapped: 0 } : this.#admit(budget, nowMs);
    for (const sequence of this.#waiting) sequence.passedOver = true;
    if (this.#inStep.length === 0) return undefined;
    this.#reportLoras();
    return { prefillTokens: this.#promptComputed, sequences: this.#inStep.length, ...loads };
  }

  /** The step has been computed: each sequence whose prompt is through gets its next token. */
  end(nowMs: number): void {
    let tokens = 0;
    let ended = false;
    for (const sequence of this.#inStep) {
      if (sequence.state !== 'running') continue;
      tokens += sequence.scheduled;
      sequence.computed += sequence.scheduled;
      sequence.scheduled = 0;
      this.#labelBlocks(sequence);
      if (sequence.computed < sequence.tokens.length) continue;
      const { source } = sequence.request;
      sequence.tokens.push(source.next());
      this.#observer.generated(sequence, nowMs);
      if (Number.isNaN(sequence.firstTokenMs)) sequence.firstTokenMs = nowMs;
      sequence.lastTokenMs = nowMs;
      if (source.finished === undefined) continue;
      this.#finish(sequence, source.finished, nowMs);
      ended = true;
    }
    this.#inStep = [];
    if (ended) this.#running = this.#running.filter(isLive);
    this.#observer.stepped(tokens, this.#promptComputed);
    if (ended) this.#reportLoras();
  }

  #schedule(sequence: Sequence, tokens: number): number {
    sequence.scheduled = tokens;
    this.#promptComputed += Math.max(
      0,
      Math.min(tokens, sequence.request.promptTokens.length - sequence.computed),
    );
    this.#inStep.push(sequence);
    return tokens;
  }

  #admit(tokenBudget: number, nowMs: number): { lorasLoaded: number; lorasSwapped: number } {
    const loads = { lorasLoaded: 0, lorasSwapped: 0 };
    let budget = tokenBudget;
    const admitted = new Set<Sequence>();
    for (const sequence of this.#waiting) {
      if (budget <= 0 || this.#running.length >= this.#config.maxNumSeqs) break;
      const { lora } = sequence.request;
      sequence.deferred =
        lora !== '' && !this.#activeLoras.has(lora) && this.#activeLoras.size >= this.#config.maxLoras;
      if (sequence.deferred) continue;
      const tokens = this.#place(sequence, budget);
      if (tokens === 0) break;
      admitted.add(sequence);
      sequence.state = 'running';
      if (Number.isNaN(sequence.scheduledMs)) sequence.scheduledMs = nowMs;
      this.#running.push(sequence);
      budget -= this.#schedule(sequence, tokens);
      if (lora === '') continue;
      this.#activeLoras.set(lora, (this.#activeLoras.get(lora) ?? 0) + 1);
      const place = this.#loras.use(lora, this.#activeLoras);
      if (place === 'disk') loads.lorasLoaded++;
      else if (place === 'memory') loads.lorasSwapped++;
    }
    if (admitted.size > 0) this.#waiting = this.#waiting.filter(sequence => !admitted.has(sequence));
    return loads;
  }

  /** Gives a waiting sequence the blocks it shares and needs; 0 when they are not there. */
  #place(sequence: Sequence, budget: number): number {
    const hits = this.#hits(sequence);
    const cached = hits.length * this.#config.blockSizeTokens;
    const tokens = Math.min(sequence.tokens.length - cached, budget);
    const freeHits = hits.reduce((count, block) => count + (this.#pool.isFree(block) ? 1 : 0), 0);
    const needed = this.#blocksFor(cached + tokens) - hits.length;
    if (needed > this.#pool.free - freeHits) return 0;
    for (const block of hits) this.#pool.share(block);
    sequence.blocks.push(...hits);
    sequence.computed = cached;
    sequence.labelled = hits.length;
    this.#grow(sequence, tokens);
    if (sequence.cachedTokens < 0) {
      sequence.cachedTokens = cached;
      if (this.#config.enablePrefixCaching) this.#observer.prefixLookedUp(sequence.tokens.length, cached);
    }
    return tokens;
  }

  #hits(sequence: Sequence): number[] {
    const hits: number[] = [];
    if (!this.#config.enablePrefixCaching) return hits;
    // The last token is always computed: its logits are what the first new token is drawn from.
    const most = Math.floor((sequence.tokens.length - 1) / this.#config.blockSizeTokens);
    for (let index = 0; index < most; index++) {
      const block = this.#pool.find(this.#hashOf(sequence, index));
      if (block < 0) break;
      hits.push(block);
    }
    return hits;
  }

  #hashOf(sequence: Sequence, index: number): number {
    const size = this.#config.blockSizeTokens;
    for (let at = sequence.hashes.length; at <= index; at++)
      sequence.hashes.push(
        blockHash(sequence.hashes[at - 1] ?? sequence.root, sequence.tokens, at * size, (at + 1) * size),
      );
    return sequence.hashes[index]!;
  }

  #labelBlocks(sequence: Sequence): void {
    if (!this.#config.enablePrefixCaching) return;
    const full = Math.floor(sequence.computed / this.#config.blockSizeTokens);
    for (; sequence.labelled < full; sequence.labelled++)
      this.#pool.label(sequence.blocks[sequence.labelled]!, this.#hashOf(sequence, sequence.labelled));
  }

  #blocksFor(tokens: number): number {
    return Math.ceil(tokens / this.#config.blockSizeTokens);
  }

  /** Adds blocks for so many more tokens; false, and nothing taken, when there are not enough. */
  #grow(sequence: Sequence, tokens: number): boolean {
    const missing = this.#blocksFor(sequence.computed + tokens) - sequence.blocks.length;
    if (missing > this.#pool.free) return false;
    for (let count = 0; count < missing; count++) sequence.blocks.push(this.#pool.take());
    return true;
  }

  /** Takes blocks from the sequences that came last until there are enough; false when the sequence itself had to go. */
  #allocateByPreemption(sequence: Sequence, tokens: number): boolean {
    while (!this.#grow(sequence, tokens)) {
      const victim = this.#running.pop()!;
      this.#preempt(victim);
      if (victim === sequence) return false;
    }
    return true;
  }

  #preempt(sequence: Sequence): void {
    this.#releaseAll(sequence);
    sequence.state = 'waiting';
    sequence.computed = 0;
    sequence.scheduled = 0;
    sequence.preemptions++;
    this.#waiting.unshift(sequence);
    this.#observer.preempted();
  }

  #releaseAll(sequence: Sequence): void {
    // Last first, so that the beginnings of prompts stay longest.
    for (let at = sequence.blocks.length - 1; at >= 0; at--) this.#pool.release(sequence.blocks[at]!);
    sequence.blocks.length = 0;
    const { lora } = sequence.request;
    if (lora === '' || sequence.state !== 'running') return;
    const others = this.#activeLoras.get(lora)! - 1;
    if (others === 0) this.#activeLoras.delete(lora);
    else this.#activeLoras.set(lora, others);
  }

  #finish(sequence: Sequence, reason: FinishReason, nowMs: number): void {
    this.#releaseAll(sequence);
    sequence.state = 'done';
    this.#observer.finished(sequence, reason, nowMs);
  }

  #reportLoras(): void {
    const waiting = new Set(this.#waiting.map(sequence => sequence.request.lora).filter(name => name !== ''));
    this.#observer.lorasChanged([...this.#activeLoras.keys()].join(','), [...waiting].join(','));
  }
}

function isLive(sequence: Sequence): boolean {
  return sequence.state !== 'done';
}
