import { ApiError, badRequest } from '../api-error.ts';
import { checkPromptLogprobs, readPromptLogprobs } from '../prompt-logprobs.ts';
import { Fields } from '../request-fields.ts';
import {
  checkLogitBias,
  checkStreamOptions,
  type Ranges,
  type RequestLimits,
  readSampling,
  readStreaming,
  type Sampling,
  type StreamSettings,
} from '../sampling.ts';

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
  /** Alternatives to list for each token of the prompt; undefined: none is asked for. */
  readonly promptLogprobs: number | undefined;
  readonly echo: boolean;
  readonly requestId: string | undefined;
  readonly addSpecialTokens: boolean;
}

/** Order of the fields in vLLM's CompletionRequest. */
const FIELD_ORDER = [
  ...['model', 'prompt', 'echo', 'frequency_penalty', 'logit_bias', 'logprobs', 'max_tokens', 'n'],
  ...['presence_penalty', 'seed', 'stop', 'stream', 'stream_options', 'suffix', 'temperature', 'top_p'],
];

/** @throws ApiError as vLLM's CompletionRequest does. */
export function readCompletionRequest(
  raw: Readonly<Record<string, unknown>>,
  server: RequestLimits,
): CompletionRequest {
  const fields = new Fields(raw);
  const { logprobs, prompt } = raw;
  checkPromptLogprobs(fields);
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
    streaming: readStreaming(fields, server.forceUsage),
    maxTokens: fields.integer('max_tokens') ?? DEFAULT_MAX_TOKENS,
    logprobs: fields.integer('logprobs'),
    promptLogprobs: readPromptLogprobs(fields, fields.integer('logprobs')),
    echo: fields.boolean('echo') ?? false,
    requestId: fields.string('request_id'),
    addSpecialTokens: fields.boolean('add_special_tokens') ?? true,
  };
  const suffix = fields.string('suffix');
  fields.check(FIELD_ORDER);
  checkLogitBias(fields, server.vocabularySize);
  if (suffix)
    throw new ApiError(
      400,
      'BadRequestError',
      'suffix is only supported for models with FIM completion rendering',
      'suffix',
    );
  return request;
}

function readPrompts(fields: Fields): (string | readonly number[])[] {
  const { prompt } = fields.raw;
  if (typeof prompt === 'string') return [prompt];
  if (!Array.isArray(prompt)) {
    promptProblems(fields, prompt);
    return [];
  }
  const entries: readonly unknown[] = prompt;
  if (entries.length === 0) throw badRequest('You must pass at least one prompt');
  if (isTokens(entries)) return [entries];
  if (entries.length > MAX_PROMPTS)
    throw badRequest(
      `prompt list length ${entries.length} exceeds the maximum allowed count of ${MAX_PROMPTS}. To increase this limit, set the ` +
        'VLLM_MAX_COMPLETION_PROMPTS environment variable.',
      'prompt',
    );
  if (!entries.every(isTokens) && !entries.every(entry => typeof entry === 'string'))
    promptProblems(fields, entries);
  return entries as (string | readonly number[])[];
}

/** pydantic's complaints of a union: tokens, lists of tokens, a text, texts. */
function promptProblems(fields: Fields, prompt: unknown): void {
  const notList = (name: string, input: unknown) =>
    fields.problem('list_type', name, 'Input should be a valid list', input);
  const notString = (name: string, input: unknown) =>
    fields.problem('string_type', name, 'Input should be a valid string', input);
  const entries: readonly unknown[] | undefined = Array.isArray(prompt) ? prompt : undefined;
  if (entries === undefined) {
    notList('prompt', prompt);
    notList('prompt', prompt);
    notString('prompt', prompt);
    notList('prompt', prompt);
    return;
  }
  fields.integers('prompt', 0);
  entries.forEach((entry, index) => {
    if (Array.isArray(entry)) fields.nested('prompt', index, entry).integers(String(index), 0);
    else notList(`prompt.${index}`, entry);
  });
  notString('prompt', entries);
  entries.forEach((entry, index) => {
    if (typeof entry !== 'string') notString(`prompt.${index}`, entry);
  });
}

function isTokens(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every(entry => Number.isInteger(entry) && entry >= 0);
}
