import type { Language } from '../text/language.ts';
import { badRequest } from './api-error.ts';
import type { Fields } from './request-fields.ts';

interface PromptCandidate {
  readonly id: number;
  readonly text: string;
  readonly logprob: number;
}

/** What a model could have expected in place of a prompt's token, that token first: at least one, at most `count`. */
export function promptCandidates(
  language: Language,
  previous: number | undefined,
  id: number,
  count: number,
): PromptCandidate[] {
  const logprob = -1 - (id % 97) / 32;
  return language.alternatives(previous, id, Math.max(1, count)).map((candidate, index) => ({
    id: candidate,
    text: language.tokenizer.textOf(candidate),
    logprob: logprob - index * Math.LN2,
  }));
}

/** `prompt_logprobs` of an answer: null for the first token, then by token id. */
export function promptLogprobs(
  language: Language,
  prompt: readonly number[],
  count: number | undefined,
): (object | null)[] | null {
  if (count === undefined) return null;
  return prompt.map((id, index) => {
    if (index === 0) return null;
    const entries = promptCandidates(language, prompt[index - 1], id, count).map((candidate, rank) => [
      String(candidate.id),
      { logprob: candidate.logprob, rank: rank + 1, decoded_token: candidate.text },
    ]);
    return Object.fromEntries(entries) as object;
  });
}

/** Before any field is read. */
export function checkPromptLogprobs(fields: Fields): void {
  const count = fields.raw['prompt_logprobs'];
  if (typeof count !== 'number') return;
  if (fields.raw['stream'] && (count > 0 || count === -1))
    throw badRequest('`prompt_logprobs` are not available when `stream=True`.', 'prompt_logprobs');
  if (count < 0 && count !== -1)
    throw badRequest('`prompt_logprobs` must be a positive value or -1.', 'prompt_logprobs', String(count));
}

/** `echo` asks for them as well, as many as for the answer. A stream does not show them. */
export function readPromptLogprobs(fields: Fields, ofAnswer: number | undefined): number | undefined {
  const count = fields.integer('prompt_logprobs');
  return count ?? (fields.raw['echo'] === true ? ofAnswer : undefined);
}
