import type { ChatMessage } from '../text/chat-template.ts';
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

export interface ChatRequest {
  readonly model: string | undefined;
  readonly messages: readonly ChatMessage[];
  readonly sampling: Sampling & Ranges;
  readonly streaming: StreamSettings;
  readonly maxTokens: number | undefined;
  /** Which field `maxTokens` came from. */
  readonly maxTokensParam: 'max_tokens' | 'max_completion_tokens';
  /** Undefined: no log probabilities. */
  readonly topLogprobs: number | undefined;
  readonly tools: unknown;
  readonly echo: boolean;
  readonly requestId: string | undefined;
  readonly chatTemplate: string | undefined;
  readonly templateVariables: Readonly<Record<string, unknown>>;
  readonly addGenerationPrompt: boolean;
  readonly addSpecialTokens: boolean;
}

/** @throws ApiError as vLLM's ChatCompletionRequest does. */
export function readChatRequest(raw: Readonly<Record<string, unknown>>, forceUsage: boolean): ChatRequest {
  const fields = new Fields(raw);
  checkStreamOptions(fields);
  checkTopLogprobs(fields);
  checkTools(fields);
  if (raw['continue_final_message'] && raw['add_generation_prompt'])
    throw badRequest('Cannot set both `continue_final_message` and `add_generation_prompt` to True.');
  const completionTokens = fields.integer('max_completion_tokens');
  const maxTokens = fields.integer('max_tokens');
  const wantsLogprobs = fields.boolean('logprobs') ?? false;
  const topLogprobs = fields.integer('top_logprobs') ?? 0;
  const request: ChatRequest = {
    messages: readMessages(fields),
    model: fields.string('model'),
    sampling: readSampling(fields),
    streaming: readStreaming(fields, forceUsage),
    maxTokens: completionTokens ?? maxTokens,
    maxTokensParam: completionTokens === undefined ? 'max_tokens' : 'max_completion_tokens',
    topLogprobs: wantsLogprobs ? topLogprobs : undefined,
    tools: raw['tools'],
    echo: fields.boolean('echo') ?? false,
    requestId: fields.string('request_id'),
    chatTemplate: fields.string('chat_template'),
    templateVariables: fields.object('chat_template_kwargs')?.raw ?? {},
    addGenerationPrompt: fields.boolean('add_generation_prompt') ?? true,
    addSpecialTokens: fields.boolean('add_special_tokens') ?? false,
  };
  fields.check();
  return request;
}

export function readMessages(fields: Fields): readonly ChatMessage[] {
  if (fields.raw['messages'] === undefined) fields.missing('messages');
  else if (fields.raw['messages'] === null)
    fields.problem('list_type', 'messages', 'Input should be a valid list', null);
  const messages = fields.list('messages') ?? [];
  messages.forEach((message, index) => {
    const name = `messages.${index}`;
    if (typeof message !== 'object' || message === null || Array.isArray(message))
      fields.problem('dict_type', name, 'Input should be a valid dictionary', message);
    else if (!('role' in message)) fields.problem('missing', `${name}.role`, 'Field required', message);
  });
  return messages as readonly ChatMessage[];
}

function checkTopLogprobs(fields: Fields): void {
  const count = fields.raw['top_logprobs'];
  if (count === undefined || count === null) return;
  if (typeof count !== 'number')
    throw badRequest('`top_logprobs` must be an integer.', 'top_logprobs', String(count));
  if (count < 0 && count !== -1)
    throw badRequest('`top_logprobs` must be a positive value or -1.', 'top_logprobs', String(count));
  if (count !== 0 && !fields.raw['logprobs'])
    throw badRequest('when using `top_logprobs`, `logprobs` must be set to true.', 'top_logprobs');
}

function checkTools(fields: Fields): void {
  const { tools, tool_choice: choice } = fields.raw;
  if (Array.isArray(tools) && tools.length === 0)
    throw badRequest(
      '`tools` must not be an empty array. Either provide at least one tool or omit the field entirely.',
      'tools',
    );
  if (choice === undefined || choice === null || choice === 'none') return;
  if (tools === undefined || tools === null)
    throw badRequest('When using `tool_choice`, `tools` must be set.', 'tool_choice');
  if (choice !== 'auto' && choice !== 'required' && typeof choice !== 'object')
    throw badRequest(
      `Invalid value for \`tool_choice\`: ${String(choice)}! Only named tools, "none", "auto" or "required" are supported.`,
      'tool_choice',
    );
}
