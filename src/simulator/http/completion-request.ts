import { badRequest } from './api-error.ts';
import { Fields } from './fields.ts';
import {
  checkStreamOptions,
  type Ranges,
  readSampling,
  readStreaming,
  type Sampling,
  type StreamSettings,
} from './sampling.ts';

/** Tokens of an answer when `max_tokens` is not there (OpenAI's default, kept by vLLM). */
const DEFAULT_MAX_TOKENS = 16;

/** vLLM's VLLM_MAX_COMPLETION_PROMPTS. */
const MAX_PROMPTS = 1024;

export interface CompletionRequest {
  readonly model: string | undefined;
  /** Texts, or token ids. */
  readonly prompts: readonly (string | readonly number[])[];
  readonly sampling: Sampling & Ranges;
  readonly streaming: StreamSettings;
  readonly maxTokens: number;
  readonly logprobs: number | undefined;
  readonly echo: boolean;
  readonly requestId: string | undefined;
  readonly addSpecialTokens: boolean;
}

/** @throws ApiError as vLLM's CompletionRequest does. */
export function readCompletionRequest(
  raw: Readonly<Record<string, unknown>>,
  forceUsage: boolean,
): CompletionRequest {
  const fields = new Fields(raw);
  const { logprobs, prompt } = raw;
  if (typeof logprobs === 'number' && logprobs < 0 && logprobs !== -1)
    throw badRequest('`logprobs` must be a positive value or -1.', 'logprobs', String(logprobs));
  if (logprobs !== undefined && logprobs !== null && typeof logprobs !== 'number')
    throw badRequest('`logprobs` must be an integer.', 'logprobs', String(logprobs));
  checkStreamOptions(fields);
  if (prompt === undefined || prompt === null || prompt === '')
    throw badRequest('Either prompt or prompt_embeds must be provided and non-empty.', 'prompt');
  const request: CompletionRequest = {
    prompts: readPrompts(fields),
    model: fields.string('model'),
    sampling: readSampling(fields),
    streaming: readStreaming(fields, forceUsage),
    maxTokens: fields.integer('max_tokens') ?? DEFAULT_MAX_TOKENS,
    logprobs: fields.integer('logprobs'),
    echo: fields.boolean('echo') ?? false,
    requestId: fields.string('request_id'),
    addSpecialTokens: fields.boolean('add_special_tokens') ?? true,
  };
  fields.check();
  return request;
}

function readPrompts(fields: Fields): (string | readonly number[])[] {
  const raw = fields.raw['prompt'];
  if (typeof raw === 'string') return [raw];
  const prompt: readonly unknown[] | undefined = Array.isArray(raw) ? raw : undefined;
  if (prompt === undefined) {
    fields.problem('string_type', 'prompt', 'Input should be a valid string', raw);
    return [];
  }
  if (prompt.length === 0)
    throw badRequest('Either prompt or prompt_embeds must be provided and non-empty.', 'prompt');
  if (isTokens(prompt)) return [prompt];
  if (prompt.length > MAX_PROMPTS)
    throw badRequest(
      `prompt list length ${prompt.length} exceeds the maximum allowed count of ${MAX_PROMPTS}. To increase this limit, set the ` +
        'VLLM_MAX_COMPLETION_PROMPTS environment variable.',
      'prompt',
    );
  prompt.forEach((entry, index) => {
    if (typeof entry !== 'string' && !isTokens(entry))
      fields.problem('string_type', `prompt.${index}`, 'Input should be a valid string', entry);
  });
  return prompt as (string | readonly number[])[];
}

function isTokens(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every(entry => Number.isInteger(entry) && entry >= 0);
}
