import { chatPrompt } from './chat/chat-prompt.ts';
import { readMessages } from './chat/chat-request.ts';
import type { Exchange } from './http-exchange.ts';
import { Fields } from './request-fields.ts';
import type { ModelServer } from './simulated-server.ts';

/** `POST /tokenize`, of a prompt or of a chat. */
export async function tokenize(server: ModelServer, exchange: Exchange): Promise<void> {
  const raw = await exchange.json();
  const fields = new Fields(raw);
  const tokens = raw['messages'] === undefined ? promptTokens(server, fields) : chatTokens(server, fields);
  const strings = fields.boolean('return_token_strs') ?? false;
  server.resolveModel(fields.string('model'));
  fields.check();
  exchange.sendJson(200, {
    count: tokens.length,
    max_model_len: server.maxModelLen,
    tokens,
    token_strs: strings ? tokens.map(id => server.tokenizer.tokenOf(id)) : null,
  });
}

function promptTokens(server: ModelServer, fields: Fields): number[] {
  const prompt = fields.string('prompt');
  // pydantic's complaint of a union is one of each of its kinds, and a chat has no prompt.
  if (fields.raw['prompt'] === undefined) fields.missing('prompt');
  if (prompt === undefined) fields.missing('messages');
  fields.check();
  return server.tokenizer.encode(prompt ?? '', fields.boolean('add_special_tokens') ?? true);
}

function chatTokens(server: ModelServer, fields: Fields): number[] {
  const messages = fields.raw['messages'] === null ? fields.notList('messages') : readMessages(fields);
  if (fields.hasProblems) fields.missing('prompt');
  fields.check(['prompt', 'messages']);
  const text = chatPrompt(server, {
    messages,
    tools: fields.raw['tools'],
    chatTemplate: fields.string('chat_template'),
    templateVariables: fields.object('chat_template_kwargs')?.raw ?? {},
    addGenerationPrompt: fields.boolean('add_generation_prompt') ?? true,
    continueFinalMessage: fields.boolean('continue_final_message') ?? false,
  });
  return server.tokenizer.encode(text, fields.boolean('add_special_tokens') ?? false);
}

/** `POST /detokenize` */
export async function detokenize(server: ModelServer, exchange: Exchange): Promise<void> {
  const fields = new Fields(await exchange.json());
  if (fields.raw['tokens'] === undefined) fields.missing('tokens');
  const tokens = fields.integers('tokens', 0);
  const model = fields.string('model');
  fields.check();
  server.resolveModel(model);
  exchange.sendJson(200, { prompt: server.tokenizer.decode(tokens ?? []) });
}
