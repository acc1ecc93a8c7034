import { type AnswerFact, type Dialect, TOOLS } from '../dialect.ts';

const SAYS: Readonly<Record<string, AnswerFact>> = {
  id: 'id',
  model: 'model',
  'choices[].finish_reason': 'finish',
  'usage.prompt_tokens': 'in',
  'usage.prompt_tokens_details.cached_tokens': 'cached',
  'usage.completion_tokens': 'out',
  'usage.completion_tokens_details.reasoning_tokens': 'reasoning',
  // Transcriptions and images.
  'usage.input_tokens': 'in',
  'usage.input_tokens_details.cached_tokens': 'cached',
  'usage.output_tokens': 'out',
};

/** Chat completions, completions, embeddings and the rest of OpenAI's API, as OpenAI and vLLM serve it. */
export const OPENAI: Dialect = {
  name: 'openai',
  paths: ['/v1/chat/completions', '/v1/completions', '/v1/embeddings'],
  request: {
    // `prompt`: text, texts, token ids, or lists of them. `input`, of embeddings: the same.
    prompt: [TOOLS, 'prompt', 'messages', 'input'],
    maxTokens: ['max_completion_tokens', 'max_tokens'],
    choices: ['n'],
    includeUsage: ['stream_options.include_usage'],
  },
  answer: {
    whole: SAYS,
    event: {
      ...SAYS,
      'choices[].delta.content': 'content',
      // DeepSeek's name for it, then vLLM's.
      'choices[].delta.reasoning_content': 'content',
      'choices[].delta.reasoning': 'content',
      'choices[].delta.tool_calls': 'content',
      'choices[].delta.refusal': 'content',
      'choices[].text': 'content',
      // Transcriptions.
      delta: 'content',
    },
  },
  error: openAiError,
};

/** `code` is the status, as vLLM has it. */
export function openAiError(status: number, type: string, message: string, param: string | null): object {
  return { error: { message, type, param, code: status } };
}
