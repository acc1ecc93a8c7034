import { createHash } from 'node:crypto';
import { random, seededRandom, wallMs } from '../../kernel/index.ts';
import { Engine } from '../engine/engine.ts';
import { type Clock, EngineLoop } from '../engine/engine-loop.ts';
import { kvBlocks } from '../engine/timing.ts';
import { CacheConfigInfo } from '../metrics/cache-config.ts';
import { EngineMetrics } from '../metrics/engine-metrics.ts';
import type { Family } from '../metrics/family.ts';
import { HttpMetrics } from '../metrics/http-metrics.ts';
import { ProcessMetrics } from '../metrics/process-metrics.ts';
import { sglangFamilies } from '../metrics/sglang-metrics.ts';
import type { LoraModule, SimulatorOptions } from '../simulator-options.ts';
import { ChatTemplate, DEFAULT_CHAT_TEMPLATE } from '../text/chat-template.ts';
import { type Language, llamaLanguage } from '../text/language.ts';
import { llamaTokenizer, type Tokenizer } from '../text/tokenizer.ts';
import { notFound } from './api-error.ts';
import type { RequestLimits } from './sampling.ts';

/** The vLLM whose answers these are. */
export const VLLM_VERSION = '0.32.0';

export interface ModelServerOptions extends SimulatorOptions {
  /** Text of a file of the container, by its path; undefined when there is none. */
  readonly files: (path: string) => string | undefined;
}

/** All that the routes of one simulated server share. */
export class ModelServer {
  readonly options: ModelServerOptions;
  readonly modelNames: readonly string[];
  readonly loras: ReadonlyMap<string, LoraModule>;
  readonly maxModelLen: number;
  readonly fingerprint: string;
  readonly engine: Engine;
  readonly loop: EngineLoop;
  readonly clock: Clock;
  readonly httpMetrics: HttpMetrics;
  readonly #engineMetrics: EngineMetrics;
  readonly #families: readonly Family[];
  readonly #template: string;
  readonly #random: () => number;
  #compiled: ChatTemplate | undefined;
  /** Requests at work, as `/load` counts them. */
  load = 0;

  constructor(options: ModelServerOptions, clock: Clock) {
    this.options = options;
    this.clock = clock;
    this.modelNames = options.servedModelNames.length > 0 ? options.servedModelNames : [options.model];
    const modules = options.enableLora ? options.loraModules : [];
    this.loras = new Map(modules.map(module => [module.name, module]));
    this.#template = templateSource(options);
    this.fingerprint = fingerprintOf(options);
    this.#random = seededRandom(options.seed ?? Math.floor(random() * 2 ** 32));
    const blocks = options.numGpuBlocksOverride ?? kvBlocks(options.timing, options);
    // vLLM does not start when the longest sequence would not fit; here the longest sequence becomes shorter.
    this.maxModelLen = Math.min(options.maxModelLen, blocks * options.blockSizeTokens);
    const modelName = this.modelNames[0]!;
    const now = () => wallMs() / 1000;
    const gauges = () => this.engine;
    this.httpMetrics = new HttpMetrics(now);
    this.#engineMetrics = new EngineMetrics(
      {
        modelName,
        maxModelLen: this.maxModelLen,
        maxLoras: options.enableLora ? options.maxLoras : undefined,
        now,
      },
      gauges,
    );
    const startedMs = clock.now();
    this.#families = [
      new ProcessMetrics(now(), () => Math.round((clock.now() - startedMs) / 100) / 10),
      ...this.#engineMetrics.families,
      new CacheConfigInfo(options, blocks),
      ...(options.dialect === 'sglang' ? sglangFamilies(modelName, gauges) : []),
      ...this.httpMetrics.families,
    ];
    this.engine = new Engine({ ...options, blocks }, this.#engineMetrics);
    for (const name of this.loras.keys()) this.engine.preload(name);
    this.loop = new EngineLoop(this.engine, options.timing, clock, this.#random);
  }

  get requestLimits(): RequestLimits {
    return {
      forceUsage: this.options.enableForceIncludeUsage,
      vocabularySize: this.tokenizer.vocabularySize,
    };
  }

  get tokenizer(): Tokenizer {
    return llamaTokenizer();
  }

  get language(): Language {
    return llamaLanguage();
  }

  get chatTemplate(): ChatTemplate {
    this.#compiled ??= new ChatTemplate(this.#template, this.tokenizer);
    return this.#compiled;
  }

  /** Loads what the first request needs. A template that cannot be compiled is told to those who send a chat. */
  warmUp(): void {
    void this.language;
    try {
      void this.chatTemplate;
    } catch {}
  }

  /** The first random numbers of a request without a seed of its own. */
  randomSeed(): number {
    return Math.floor(this.#random() * 2 ** 32);
  }

  /**
   * Which model a request names.
   * @returns its name as answers have it, and the adapter ('' for none)
   * @throws ApiError 404
   */
  resolveModel(name: string | undefined): { readonly model: string; readonly lora: string } {
    if (name !== undefined && this.loras.has(name)) return { model: name, lora: name };
    if (name && !this.modelNames.includes(name)) throw notFound(name, this.modelNames);
    return { model: this.modelNames[0]!, lora: '' };
  }

  /** May `n` more sequences come in (`--max-num-queued-reqs`)? */
  admits(n: number): boolean {
    const { maxNumQueuedRequests } = this.options;
    if (maxNumQueuedRequests === undefined || this.engine.unfinished + n <= maxNumQueuedRequests) return true;
    this.#engineMetrics.refused();
    return false;
  }

  metricsText(): string {
    const lines: string[] = [];
    for (const family of this.#families) family.write(lines);
    return `${lines.join('\n')}\n`;
  }
}

function templateSource({ chatTemplate, files }: ModelServerOptions): string {
  if (chatTemplate === undefined) return DEFAULT_CHAT_TEMPLATE;
  const text = files(chatTemplate);
  if (text !== undefined) return text;
  // vLLM takes a value with a brace or a line end as the template itself.
  return /[{}\n]/.test(chatTemplate) ? chatTemplate : DEFAULT_CHAT_TEMPLATE;
}

function fingerprintOf(options: SimulatorOptions): string {
  const degrees = options.gpus > 1 ? `-tp${options.gpus}` : '';
  const hash = createHash('sha256').update(
    JSON.stringify([options.model, options.maxModelLen, options.enableLora]),
  );
  return `vllm-${VLLM_VERSION}${degrees}-${hash.digest('hex').slice(0, 8)}`;
}
