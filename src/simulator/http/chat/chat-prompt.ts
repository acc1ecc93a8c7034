import { type ChatMessage, ChatTemplate, ChatTemplateError } from '../../text/chat-template.ts';
import { badRequest } from '../api-error.ts';
import type { ModelServer } from '../simulated-server.ts';

export interface ChatPromptSource {
  readonly messages: readonly ChatMessage[];
  readonly tools: unknown;
  readonly chatTemplate: string | undefined;
  readonly templateVariables: Readonly<Record<string, unknown>>;
  readonly addGenerationPrompt: boolean;
  readonly continueFinalMessage: boolean;
}

/** The text that the model gets for a chat. @throws ApiError when the template refuses it */
export function chatPrompt(server: ModelServer, source: ChatPromptSource): string {
  // vLLM's order: an untrusted template is refused before anything is rendered.
  if (source.chatTemplate !== undefined && !server.options.trustRequestChatTemplate)
    throw badRequest(
      'Chat template is passed with request, but --trust-request-chat-template is not set. Refused request with untrusted ' +
        'chat template.',
    );
  if (source.messages.length === 0)
    throw badRequest('Cannot apply chat template to an empty conversation. Provide at least one message.');
  if (source.messages.some(hasMedia)) throw badRequest(`${server.options.model} is not a multimodal model`);
  try {
    const template =
      source.chatTemplate === undefined
        ? server.chatTemplate
        : new ChatTemplate(source.chatTemplate, server.tokenizer);
    return template.render(source.messages, {
      addGenerationPrompt: source.addGenerationPrompt,
      continueFinalMessage: source.continueFinalMessage,
      tools: source.tools,
      variables: source.templateVariables,
    });
  } catch (error) {
    if (error instanceof ChatTemplateError || source.chatTemplate !== undefined)
      throw badRequest(error instanceof Error ? error.message : String(error));
    throw error;
  }
}

/** Pictures, sounds and videos: no simulated model takes them. */
function hasMedia({ content }: ChatMessage): boolean {
  return (
    Array.isArray(content) &&
    content.some(part => MEDIA.test(String((part as { type?: unknown } | null)?.type)))
  );
}

const MEDIA = /^(image|audio|video)_(url|pil|embeds)$|^input_audio$/;
