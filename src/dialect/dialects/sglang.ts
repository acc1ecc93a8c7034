import type { Dialect } from '../dialect.ts';

/** SGLang's own API. */
export const SGLANG: Dialect = {
  name: 'sglang',
  paths: ['/generate'],
  request: {
    // Text, texts, token ids, or lists of them.
    prompt: ['text', 'input_ids'],
    maxTokens: ['sampling_params.max_new_tokens'],
    choices: ['sampling_params.n'],
  },
  answer: {
    whole: {
      'meta_info.id': 'id',
      'meta_info.finish_reason': 'finish',
      'meta_info.finish_reason.type': 'finish',
      'meta_info.prompt_tokens': 'in',
      'meta_info.cached_tokens': 'cached',
      'meta_info.completion_tokens': 'out',
      // A batch is a list of answers.
      '[].meta_info.id': 'id',
      '[].meta_info.finish_reason': 'finish',
      '[].meta_info.finish_reason.type': 'finish',
      '[].meta_info.prompt_tokens': 'in+',
      '[].meta_info.cached_tokens': 'cached+',
      '[].meta_info.completion_tokens': 'out+',
    },
    event: {
      index: 'index',
      'meta_info.id': 'id',
      'meta_info.finish_reason': 'finish',
      'meta_info.finish_reason.type': 'finish',
      'meta_info.prompt_tokens': 'in',
      'meta_info.cached_tokens': 'cached',
      'meta_info.completion_tokens': 'out',
      text: 'content',
      output_ids: 'content',
    },
  },
  error: (_, __, message) => ({ error: { message } }),
};
