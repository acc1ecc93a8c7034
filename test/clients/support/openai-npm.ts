import assert from 'node:assert/strict';
import OpenAI from 'openai';
import type { Gateway } from './gateway.ts';
import { MODEL } from './simulated-pool.ts';

export const messages = [{ role: 'user' as const, content: 'introduce yourself' }];
/** vLLM's own: the answer has as many tokens as it may. */
const IGNORE_EOS = { ignore_eos: true } as object;

export interface Seen {
  readonly status: number;
  readonly atMs: number;
  readonly retryAfterMs: number;
}

/** The SDK as it is: only base_url leads here. Answers that it retries by itself are noted. */
export function client(
  gateway: Gateway,
  options: { readonly maxRetries?: number; readonly seen?: Seen[] } = {},
): OpenAI {
  const { maxRetries = 0, seen } = options;
  return new OpenAI({
    baseURL: gateway.baseURL,
    apiKey: 'none',
    maxRetries,
    ...(seen === undefined
      ? {}
      : {
          fetch: async (url: string | URL | Request, init?: RequestInit) => {
            const response = await fetch(url, init);
            const retryAfterMs = Number(response.headers.get('retry-after') ?? 0) * 1000;
            seen.push({ status: response.status, atMs: performance.now(), retryAfterMs });
            return response;
          },
        }),
  });
}

/** A stream that has begun: it holds its permit until it ends, or is aborted. */
export async function begunStream(openai: OpenAI, tokens: number) {
  const stream = await openai.chat.completions.create({
    model: MODEL,
    messages,
    max_completion_tokens: tokens,
    stream: true,
    ...IGNORE_EOS,
  });
  const events = stream[Symbol.asyncIterator]();
  assert.equal((await events.next()).done, false);
  return {
    abort: () => stream.controller.abort(),
    rest: async () => {
      let last: OpenAI.ChatCompletionChunk | undefined;
      for (let next = await events.next(); !next.done; next = await events.next()) last = next.value;
      return last?.choices[0]?.finish_reason;
    },
  };
}
