import { chatCompletions } from './chat/chat.ts';
import { completions } from './completion/completion.ts';
import type { Exchange } from './http-exchange.ts';
import { models } from './models.ts';
import { type ModelServer, VLLM_VERSION } from './simulated-server.ts';
import { detokenize, tokenize } from './tokenize.ts';

export type Handler = (server: ModelServer, exchange: Exchange) => void | Promise<void>;

const empty: Handler = (_, exchange) => exchange.send(200, undefined, '');

const metrics =
  (version: string): Handler =>
  (server, exchange) =>
    exchange.send(200, `text/plain; version=${version}; charset=utf-8`, server.metricsText());

/** Path → method → handler. */
export const ROUTES: ReadonlyMap<string, Readonly<Record<string, Handler>>> = new Map<
  string,
  Readonly<Record<string, Handler>>
>([
  ['/v1/models', { GET: models }],
  ['/v1/chat/completions', { POST: chatCompletions }],
  ['/v1/completions', { POST: completions }],
  ['/tokenize', { POST: tokenize }],
  ['/detokenize', { POST: detokenize }],
  ['/health', { GET: empty }],
  ['/ping', { GET: empty, POST: empty }],
  ['/version', { GET: (_, exchange) => exchange.sendJson(200, { version: VLLM_VERSION }) }],
  [
    '/load',
    {
      GET: (server, exchange) =>
        exchange.sendJson(200, { server_load: server.options.enableServerLoadTracking ? server.load : 0 }),
    },
  ],
  ['/metrics', { GET: metrics('1.0.0'), HEAD: metrics('0.0.4') }],
  // Prometheus' own application, under the route that vLLM puts in front of it.
  ['/metrics/', { GET: metrics('0.0.4'), HEAD: metrics('0.0.4') }],
]);
