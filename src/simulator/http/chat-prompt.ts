import { type ChatMessage, ChatTemplate, ChatTemplateError } from '../text/chat-template.ts';
import { badRequest } from './api-error.ts';
import type { ModelServer } from './model-server.ts';

export interface ChatPromptSource {
  readonly messages: readonly ChatMessage[];
  readonly tools: unknown;
  readonly chatTemplate: string | undefined;
  readonly templateVariables: Readonly<Record<string, unknown>>;
  readonly addGenerationPrompt: boolean;
}

/** The text that the model gets for a chat. @throws ApiError when the template refuses it */
export function chatPrompt(server: ModelServer, source: ChatPromptSource): string {
  try {
    const template =
      source.chatTemplate === undefined
        ? server.chatTemplate
        : new ChatTemplate(source.chatTemplate, server.tokenizer);
    return template.render(source.messages, {
      addGenerationPrompt: source.addGenerationPrompt,
      tools: source.tools,
      variables: source.templateVariables,
    });
  } catch (error) {
    if (error instanceof ChatTemplateError || source.chatTemplate !== undefined)
      throw badRequest(error instanceof Error ? error.message : String(error));
    throw error;
  }
}
