import type { ChatMessage } from '../../text/chat-template.ts';
import { badRequest } from '../api-error.ts';
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
import { messageProblems } from './message-problems.ts';
import { checkResponseFormat, checkToolList } from './tool-problems.ts';

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
  /** Alternatives to list for each token of the prompt; undefined: none is asked for. */
  readonly promptLogprobs: number | undefined;
  readonly tools: unknown;
  readonly echo: boolean;
  readonly requestId: string | undefined;
  readonly chatTemplate: string | undefined;
  readonly templateVariables: Readonly<Record<string, unknown>>;
  readonly addGenerationPrompt: boolean;
  readonly continueFinalMessage: boolean;
  readonly addSpecialTokens: boolean;
}

/** Order of the fields in vLLM's ChatCompletionRequest. */
const FIELD_ORDER = [
  ...['messages', 'model', 'frequency_penalty', 'logit_bias', 'logprobs', 'top_logprobs', 'max_tokens'],
  ...['max_completion_tokens', 'n', 'presence_penalty', 'response_format', 'seed', 'stop', 'stream'],
  ...['stream_options', 'temperature', 'top_p', 'tools', 'tool_choice'],
];

/** @throws ApiError as vLLM's ChatCompletionRequest does. */
export function readChatRequest(raw: Readonly<Record<string, unknown>>, server: RequestLimits): ChatRequest {
  const fields = new Fields(raw);
  checkStreamOptions(fields);
  checkPromptLogprobs(fields);
  checkTopLogprobs(fields);
  checkTools(fields);
  if (raw['continue_final_message'] && raw['add_generation_prompt'])
    throw badRequest('Cannot set both `continue_final_message` and `add_generation_prompt` to True.');
  checkToolList(fields);
  checkResponseFormat(fields);
  const completionTokens = fields.integer('max_completion_tokens');
  const maxTokens = fields.integer('max_tokens');
  const wantsLogprobs = fields.boolean('logprobs') ?? false;
  const topLogprobs = fields.integer('top_logprobs') ?? 0;
  const request: ChatRequest = {
    messages: readMessages(fields),
    model: fields.string('model'),
    sampling: readSampling(fields),
    streaming: readStreaming(fields, server.forceUsage),
    maxTokens: completionTokens ?? maxTokens,
    maxTokensParam: completionTokens === undefined ? 'max_tokens' : 'max_completion_tokens',
    topLogprobs: wantsLogprobs ? topLogprobs : undefined,
    promptLogprobs: readPromptLogprobs(fields, topLogprobs),
    tools: raw['tools'],
    echo: fields.boolean('echo') ?? false,
    requestId: fields.string('request_id'),
    chatTemplate: fields.string('chat_template'),
    templateVariables: fields.object('chat_template_kwargs')?.raw ?? {},
    addGenerationPrompt: fields.boolean('add_generation_prompt') ?? true,
    continueFinalMessage: fields.boolean('continue_final_message') ?? false,
    addSpecialTokens: fields.boolean('add_special_tokens') ?? false,
  };
  fields.check(FIELD_ORDER);
  checkLogitBias(fields, server.vocabularySize);
  return request;
}

export function readMessages(fields: Fields): readonly ChatMessage[] {
  if (fields.raw['messages'] === undefined) fields.missing('messages');
  else if (fields.raw['messages'] === null) throw badRequest("'NoneType' object is not iterable");
  const messages = fields.list('messages') ?? [];
  messages.forEach((message, index) => {
    fields.add(messageProblems(message, ['body', 'messages', index]));
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
