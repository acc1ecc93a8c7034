import { pythonRepr } from '../metrics/python-float.ts';
import { badRequest } from './api-error.ts';
import type { Fields } from './request-fields.ts';

/** vLLM's VLLM_MAX_N_SEQUENCES. */
const MAX_N = 16_384;

/** vLLM's VLLM_MAX_STOP_STRINGS. */
const MAX_STOP_STRINGS = 4;

/** What a request says of how tokens are drawn, checked as vLLM's SamplingParams. */
export interface Sampling {
  readonly n: number;
  readonly temperature: number;
  readonly seed: number | undefined;
  readonly minTokens: number;
  readonly stop: readonly string[];
  readonly includeStop: boolean;
  readonly stopTokenIds: readonly number[];
  readonly ignoreEos: boolean;
  readonly cacheSalt: string;
  readonly returnTokenIds: boolean;
  readonly useBeamSearch: boolean;
}

export interface Ranges {
  readonly presencePenalty: number;
  readonly frequencyPenalty: number;
  readonly repetitionPenalty: number;
  readonly topP: number;
  readonly topK: number;
  readonly minP: number;
}

/** What a server's command line and model make of requests. */
export interface RequestLimits {
  /** `--enable-force-include-usage` */
  readonly forceUsage: boolean;
  readonly vocabularySize: number;
}

export interface StreamSettings {
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly continuousUsage: boolean;
}

export function readSampling(fields: Fields): Sampling & Ranges {
  return {
    n: fields.integer('n') ?? 1,
    temperature: fields.number('temperature') ?? 1,
    seed: readSeed(fields),
    minTokens: fields.integer('min_tokens') ?? 0,
    stop: fields.strings('stop', MAX_STOP_STRINGS) ?? [],
    includeStop: fields.boolean('include_stop_str_in_output') ?? false,
    stopTokenIds: fields.integers('stop_token_ids') ?? [],
    ignoreEos: fields.boolean('ignore_eos') ?? false,
    cacheSalt: readCacheSalt(fields),
    returnTokenIds: fields.boolean('return_token_ids') ?? false,
    useBeamSearch: fields.boolean('use_beam_search') ?? false,
    presencePenalty: fields.number('presence_penalty') ?? 0,
    frequencyPenalty: fields.number('frequency_penalty') ?? 0,
    repetitionPenalty: fields.number('repetition_penalty') ?? 1,
    topP: fields.number('top_p') ?? 1,
    topK: fields.integer('top_k') ?? 0,
    minP: fields.number('min_p') ?? 0,
  };
}

const MAX_SEED = 2n ** 63n - 1n;

function readSeed(fields: Fields): number | undefined {
  const seed = fields.integer('seed');
  if (seed === undefined) return undefined;
  const input = BigInt(seed);
  if (input > MAX_SEED)
    fields.problem('less_than_equal', 'seed', `Input should be less than or equal to ${MAX_SEED}`, input, {
      le: MAX_SEED,
    });
  if (input < -MAX_SEED - 1n)
    fields.problem(
      'greater_than_equal',
      'seed',
      `Input should be greater than or equal to ${-MAX_SEED - 1n}`,
      input,
      { ge: -MAX_SEED - 1n },
    );
  return seed;
}

function readCacheSalt(fields: Fields): string {
  if (fields.raw['cache_salt'] === '')
    throw badRequest("Parameter 'cache_salt' must be a non-empty string if provided.", 'cache_salt');
  return fields.string('cache_salt') ?? '';
}

/** `logit_bias`: numbers by token id. The simulated texts do not follow it. */
export function checkLogitBias(fields: Fields, vocabularySize: number): void {
  const bias = fields.object('logit_bias');
  if (bias === undefined) return;
  const ids = Object.keys(bias.raw);
  for (const id of ids) bias.number(id);
  fields.check();
  const beyond = ids.map(Number).filter(id => !(id >= 0 && id < vocabularySize));
  if (beyond.length === 0) return;
  const list = `[${beyond.join(', ')}]`;
  throw badRequest(
    `token_id(s) ${list} in logit_bias contain out-of-vocab token ids. Vocabulary size: ${vocabularySize}`,
    'logit_bias',
    list,
  );
}

export function readStreaming(fields: Fields, forceUsage: boolean): StreamSettings {
  const stream = fields.boolean('stream') ?? false;
  const options = fields.model('stream_options');
  const includeUsage = forceUsage || (options?.boolean('include_usage') ?? false);
  const continuousUsage =
    forceUsage || (includeUsage && (options?.boolean('continuous_usage_stats') ?? false));
  return { stream, includeUsage, continuousUsage };
}

/** Before any field is read: `stream_options` need `stream`. */
export function checkStreamOptions(fields: Fields): void {
  if (fields.raw['stream_options'] && !fields.raw['stream'])
    throw badRequest('Stream options can only be defined when `stream=True`.', 'stream_options');
}

/** SamplingParams._verify_args and _verify_greedy_sampling, in their order. */
export function checkSampling(sampling: Sampling & Ranges, maxTokens: number): void {
  const { n, temperature, topP, minTokens } = sampling;
  const float = pythonRepr;
  if (n < 1) throw badRequest(`n must be at least 1, got ${n}.`);
  if (n > MAX_N)
    throw badRequest(
      `n must be at most ${MAX_N}, got ${n}. To increase this limit, set the VLLM_MAX_N_SEQUENCES environment variable.`,
    );
  if (Math.abs(sampling.presencePenalty) > 2)
    throw badRequest(`presence_penalty must be in [-2, 2], got ${float(sampling.presencePenalty)}.`);
  if (Math.abs(sampling.frequencyPenalty) > 2)
    throw badRequest(`frequency_penalty must be in [-2, 2], got ${float(sampling.frequencyPenalty)}.`);
  if (sampling.repetitionPenalty <= 0)
    throw badRequest(
      `repetition_penalty must be greater than zero, got ${float(sampling.repetitionPenalty)}.`,
    );
  if (temperature < 0)
    throw badRequest(
      `temperature must be non-negative, got ${float(temperature)}.`,
      'temperature',
      float(temperature),
    );
  if (temperature > 2)
    throw badRequest(
      `temperature must be in [0, 2], got ${float(temperature)}.`,
      'temperature',
      float(temperature),
    );
  if (topP <= 0 || topP > 1)
    throw badRequest(`top_p must be in (0, 1], got ${float(topP)}.`, 'top_p', float(topP));
  if (sampling.topK < -1) throw badRequest(`top_k must be 0 (disable), or at least 1, got ${sampling.topK}.`);
  if (sampling.minP < 0 || sampling.minP > 1)
    throw badRequest(`min_p must be in [0, 1], got ${float(sampling.minP)}.`);
  if (maxTokens < 1)
    throw badRequest(`max_tokens must be at least 1, got ${maxTokens}.`, 'max_tokens', String(maxTokens));
  if (minTokens < 0) throw badRequest(`min_tokens must be greater than or equal to 0, got ${minTokens}.`);
  if (minTokens > maxTokens)
    throw badRequest(`min_tokens must be less than or equal to max_tokens=${maxTokens}, got ${minTokens}.`);
  if (sampling.stop.includes('')) throw badRequest('stop cannot contain an empty string.');
  if (temperature === 0 && n > 1 && !sampling.useBeamSearch)
    throw badRequest(`n must be 1 when using greedy sampling, got ${n}.`);
}

/** `logprobs` and `top_logprobs` beyond `--max-logprobs`. */
export function checkLogprobs(
  count: number | undefined,
  most: number,
  of: 'sample' | 'prompt' = 'sample',
): void {
  if (count === undefined || most < 0) return;
  if (count > most)
    throw badRequest(
      `Requested ${of} logprobs of ${count}, which is greater than max allowed: ${most}`,
      of === 'prompt' ? 'prompt_logprobs' : 'logprobs',
      String(count),
    );
}
