import { badRequest } from './api-error.ts';

/** An asked-for answer that is longer than the context: refused before the prompt is looked at. */
export function checkOutputLength(maxTokens: number | undefined, param: string, maxModelLen: number): void {
  if (maxTokens === undefined || maxTokens <= maxModelLen) return;
  throw badRequest(
    `${param}=${maxTokens} cannot be greater than max_model_len=${maxModelLen}. Please request fewer output tokens.`,
    param,
    String(maxTokens),
  );
}

/** A prompt so long that it is not worth tokenizing. */
export function checkPromptText(text: string, maxModelLen: number, maxCharsPerToken: number): void {
  const most = maxModelLen * maxCharsPerToken;
  if (text.length <= most) return;
  throw badRequest(
    `This model's maximum context length is ${maxModelLen} tokens. However, your prompt contains ${text.length} characters ` +
      `(more than ${most} characters, which is the upper bound for ${maxModelLen} input tokens). ` +
      'Please reduce the length of the input prompt.',
    'input_text',
    String(text.length),
  );
}

/** vLLM tokenizes one token more than fits and then says "at least". */
export function checkPromptTokens(count: number, maxModelLen: number, isText: boolean): void {
  if (count === 0) throw badRequest('The decoder prompt cannot be empty');
  if (count <= maxModelLen) return;
  const reported = isText ? maxModelLen + 1 : count;
  const qualifier = reported === maxModelLen + 1 ? 'at least ' : '';
  throw badRequest(
    `This model's maximum context length is ${maxModelLen} tokens. However, your prompt contains ${qualifier}${reported} input ` +
      'tokens, which exceeds this limit even without any output tokens. Please reduce the length of the input prompt.',
    'input_tokens',
    String(reported),
  );
}
