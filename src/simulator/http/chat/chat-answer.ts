import type { ChatRequest } from './chat-request.ts';

/** What all parts of one answer have in common. */
export interface ChatAnswer {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly role: string;
  readonly prompt: readonly number[];
  readonly request: ChatRequest;
}

/** With `echo`, the last message comes first if it has the role of the answer. */
export function echoed(request: ChatRequest, role: string): string {
  const last = request.messages.at(-1);
  return request.echo && last?.role === role && typeof last.content === 'string' ? last.content : '';
}
