import { type AnswerFact, type Dialect, TOOLS } from '../dialect.ts';
import { openAiError } from './openai.ts';

const SAYS: Readonly<Record<string, AnswerFact>> = {
  id: 'id',
  model: 'model',
  status: 'status',
  'incomplete_details.reason': 'finish',
  'usage.input_tokens': 'in',
  'usage.input_tokens_details.cached_tokens': 'cached',
  'usage.output_tokens': 'out',
  'usage.output_tokens_details.reasoning_tokens': 'reasoning',
};

/** OpenAI's Responses, as OpenAI and vLLM serve it. */
export const RESPONSES: Dialect = {
  name: 'responses',
  paths: ['/responses'],
  request: {
    // `input`: text, or a list of items.
    prompt: [TOOLS, 'instructions', 'input'],
    maxTokens: ['max_output_tokens'],
    continues: ['previous_response_id'],
  },
  answer: {
    whole: SAYS,
    event: {
      ...within('response', SAYS),
      // Of each `response.….delta`: text, reasoning, arguments of a function.
      delta: 'content',
    },
  },
  error: openAiError,
};

function within(key: string, says: Readonly<Record<string, AnswerFact>>): Record<string, AnswerFact> {
  return Object.fromEntries(Object.entries(says).map(([place, fact]) => [`${key}.${place}`, fact]));
}
