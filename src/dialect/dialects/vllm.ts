import type { AnswerFact, Dialect } from '../dialect.ts';
import { openAiError } from './openai.ts';

const SAYS: Readonly<Record<string, AnswerFact>> = {
  request_id: 'id',
  model: 'model',
  'choices[].finish_reason': 'finish',
  'usage.prompt_tokens': 'in',
  'usage.prompt_tokens_details.cached_tokens': 'cached',
  'usage.completion_tokens': 'out',
  'usage.completion_tokens_details.reasoning_tokens': 'reasoning',
};

/** vLLM's own API, token ids in and out. */
export const VLLM: Dialect = {
  name: 'vllm',
  paths: ['/inference/v1/generate'],
  request: {
    prompt: ['token_ids'],
    maxTokens: ['sampling_params.max_tokens'],
    choices: ['sampling_params.n'],
    includeUsage: ['stream_options.include_usage'],
  },
  answer: { whole: SAYS, event: { ...SAYS, 'choices[].token_ids': 'content' } },
  error: openAiError,
};
