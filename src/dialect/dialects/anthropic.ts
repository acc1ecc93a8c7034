import { type AnswerFact, type Dialect, TOOLS } from '../dialect.ts';

/** `input_tokens` are those that came neither from a cache nor went to one (https://docs.anthropic.com/en/api/messages). */
const SAYS: Readonly<Record<string, AnswerFact>> = {
  id: 'id',
  model: 'model',
  stop_reason: 'finish',
  'usage.input_tokens': 'in',
  'usage.cache_read_input_tokens': 'cachedBeside',
  'usage.cache_creation_input_tokens': 'writtenBeside',
  'usage.output_tokens': 'out',
};

/** https://docs.anthropic.com/en/api/errors */
const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
};

/** Anthropic's Messages, as Anthropic and vLLM serve it. */
export const ANTHROPIC: Dialect = {
  name: 'anthropic',
  paths: ['/v1/messages'],
  request: {
    // `system`: text, or a list of blocks.
    prompt: [TOOLS, 'system', 'messages'],
    maxTokens: ['max_tokens'],
  },
  answer: {
    // `/v1/messages/count_tokens` says no more than its figure.
    whole: { ...SAYS, input_tokens: 'in' },
    event: {
      // `message_start`
      'message.id': 'id',
      'message.model': 'model',
      'message.usage.input_tokens': 'in',
      'message.usage.cache_read_input_tokens': 'cachedBeside',
      'message.usage.cache_creation_input_tokens': 'writtenBeside',
      'message.usage.output_tokens': 'out',
      // `message_delta`: figures of all until then.
      'usage.input_tokens': 'in',
      'usage.cache_read_input_tokens': 'cachedBeside',
      'usage.cache_creation_input_tokens': 'writtenBeside',
      'usage.output_tokens': 'out',
      'delta.stop_reason': 'finish',
      // `content_block_delta`
      'delta.text': 'content',
      'delta.thinking': 'content',
      'delta.partial_json': 'content',
    },
  },
  error: (status, _, message) => ({
    type: 'error',
    error: { type: ERROR_TYPES[status] ?? 'api_error', message },
  }),
};
