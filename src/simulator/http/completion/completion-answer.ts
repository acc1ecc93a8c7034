import type { ModelServer } from '../simulated-server.ts';
import type { CompletionRequest } from './completion-request.ts';

/** What all parts of one answer have in common. */
export interface CompletionAnswer {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly prompts: readonly (readonly number[])[];
  readonly request: CompletionRequest;
  readonly onlyEcho: boolean;
}

/** The prompt of a choice as `echo` shows it. */
export function echoText(
  server: ModelServer,
  { request, prompts }: CompletionAnswer,
  choice: number,
): string {
  if (!request.echo) return '';
  const at = Math.floor(choice / request.sampling.n);
  const prompt = request.prompts[at]!;
  return typeof prompt === 'string' ? prompt : server.tokenizer.decode(prompts[at]!, true);
}
