import { Template } from '@huggingface/jinja';
import type { Tokenizer } from './tokenizer.ts';

/** The chat format of Llama 2, for a server that was started without `--chat-template`. */
export const DEFAULT_CHAT_TEMPLATE =
  "{% if messages[0]['role'] == 'system' %}{% set system = '<<SYS>>\\n' + messages[0]['content'] + '\\n<</SYS>>\\n\\n' %}" +
  "{% set rest = messages[1:] %}{% else %}{% set system = '' %}{% set rest = messages %}{% endif %}" +
  "{% for message in rest %}{% if message['role'] == 'assistant' %}{{ ' ' + message['content'] | trim + ' ' + eos_token }}" +
  "{% else %}{{ bos_token + '[INST] ' + (system if loop.first else '') + message['content'] | trim + ' [/INST]' }}" +
  '{% endif %}{% endfor %}';

export interface ChatMessage {
  readonly role: string;
  readonly content: unknown;
  readonly [key: string]: unknown;
}

export interface ChatRendering {
  readonly addGenerationPrompt: boolean;
  /** The last message is left open, for the model to go on with. */
  readonly continueFinalMessage: boolean;
  readonly tools: unknown;
  /** `chat_template_kwargs` of the request. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/** A chat template raised, or cannot be rendered with these messages. */
export class ChatTemplateError extends Error {
  readonly code = 'SIM_CHAT_TEMPLATE';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ChatTemplateError';
  }
}

/** A compiled chat template. Rendering follows transformers' `apply_chat_template`: trim_blocks and lstrip_blocks are on. */
export class ChatTemplate {
  readonly #template: Template;
  readonly #tokenizer: Pick<Tokenizer, 'bosToken' | 'eosToken'>;
  readonly #wantsParts: boolean;

  constructor(source: string, tokenizer: Pick<Tokenizer, 'bosToken' | 'eosToken'>) {
    this.#template = new Template(source);
    this.#tokenizer = tokenizer;
    // vLLM's content format "auto": a template that loops over the content wants OpenAI's parts, others want a string.
    this.#wantsParts = /for\s+\w+\s+in\s+\w+(\.content|\[['"]content['"]\])/.test(source);
  }

  /** @throws ChatTemplateError */
  render(messages: readonly ChatMessage[], rendering: ChatRendering): string {
    try {
      const text = this.#template.render({
        ...rendering.variables,
        messages: messages.map(message => ({ ...message, content: this.#content(message.content) })),
        add_generation_prompt: rendering.addGenerationPrompt,
        ...(rendering.tools === undefined || rendering.tools === null ? {} : { tools: rendering.tools }),
        bos_token: this.#tokenizer.bosToken,
        eos_token: this.#tokenizer.eosToken,
      });
      return rendering.continueFinalMessage ? cutAfterLast(text, messages) : text;
    } catch (cause) {
      throw new ChatTemplateError(cause instanceof Error ? cause.message : String(cause), { cause });
    }
  }

  #content(content: unknown): unknown {
    if (content === null || content === undefined) return this.#wantsParts ? [] : '';
    if (typeof content === 'string') return this.#wantsParts ? [{ type: 'text', text: content }] : content;
    if (this.#wantsParts || !Array.isArray(content)) return content;
    return content.map(textOfPart).join('\n');
  }
}

/** transformers' `continue_final_message`: what the template writes after the last message's text is left out. */
function cutAfterLast(text: string, messages: readonly ChatMessage[]): string {
  const { content } = messages.at(-1)!;
  const last = (
    typeof content === 'string' ? content : Array.isArray(content) ? textOfPart(content.at(-1)) : ''
  ).trim();
  const at = text.lastIndexOf(last);
  if (at < 0)
    throw new Error(
      'continue_final_message is set but the final message does not appear in the chat after applying the chat template!',
    );
  return text.slice(0, at + last.length);
}

function textOfPart(part: unknown): string {
  if (typeof part === 'string') return part;
  const { type, text, refusal } = (part ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof text === 'string') return text;
  if (typeof refusal === 'string') return refusal;
  // A picture or a sound: its place in the prompt is held by a placeholder.
  return `<${String(type ?? 'unknown').replace(/_url$/, '')}>`;
}
