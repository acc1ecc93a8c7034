import type { Piece } from '../../text/generation.ts';
import { streamUsageOf } from '../answer-usage.ts';
import { GenerationRun, type RunOptions } from '../generation-run.ts';
import type { Exchange } from '../http-exchange.ts';
import { chatLogprob } from '../logprobs.ts';
import type { ModelServer } from '../simulated-server.ts';
import { DONE, event } from '../stream-event.ts';
import { type ChatAnswer, echoed } from './chat-answer.ts';

/** A chat answer as server-sent events: a chunk for each token, written from prepared parts since there are thousands a second. */
export class ChatStream {
  readonly #server: ModelServer;
  readonly #exchange: Exchange;
  readonly #answer: ChatAnswer;
  readonly #run: GenerationRun;
  /** Up to the choice's index. */
  readonly #head: string;
  readonly #tokens: number[];
  #started = false;

  constructor(server: ModelServer, exchange: Exchange, answer: ChatAnswer, options: RunOptions) {
    this.#server = server;
    this.#exchange = exchange;
    this.#answer = answer;
    this.#head = chunkHead(answer);
    this.#tokens = new Array<number>(answer.request.sampling.n).fill(0);
    this.#run = new GenerationRun(server, options, (choice, piece) => this.#onPiece(choice, piece));
    exchange.onGone(() => this.#run.abort());
    exchange.startEvents();
  }

  #onPiece(choice: number, piece: Piece): void {
    const events: string[] = [];
    if (!this.#started) {
      this.#started = true;
      this.#pushFirst(events);
    }
    this.#tokens[choice]!++;
    events.push(this.#chunk(choice, piece));
    if (this.#run.finished) {
      if (this.#answer.request.streaming.includeUsage) events.push(this.#usageChunk());
      events.push(DONE);
    }
    this.#exchange.sendEvents(events, this.#run.finished);
  }

  /** Role and echo of every choice. */
  #pushFirst(events: string[]): void {
    const { request, role, prompt } = this.#answer;
    const promptIds = request.sampling.returnTokenIds ? JSON.stringify(prompt) : 'null';
    const end = '"logprobs":null,"finish_reason":null}]';
    for (let choice = 0; choice < this.#tokens.length; choice++)
      events.push(
        `${this.#head}${choice},"delta":{"role":${JSON.stringify(role)},"content":""},${end}${this.#usage(0)},` +
          `"prompt_token_ids":${promptIds},"prompt_text":null}\n\n`,
      );
    const echo = echoed(request, role);
    if (echo === '') return;
    for (let choice = 0; choice < this.#tokens.length; choice++)
      events.push(
        `${this.#head}${choice},"delta":{"content":${JSON.stringify(echo)}},${end}${this.#usage(0)}}\n\n`,
      );
  }

  #chunk(choice: number, piece: Piece): string {
    const { request } = this.#answer;
    const logprobs =
      request.topLogprobs === undefined
        ? 'null'
        : JSON.stringify({ content: [chatLogprob(this.#server.language, piece, request.topLogprobs)] });
    const tokenIds = request.sampling.returnTokenIds ? `[${piece.id}]` : 'null';
    const end =
      piece.finishReason === undefined
        ? '"finish_reason":null'
        : `"finish_reason":"${piece.finishReason}","stop_reason":${JSON.stringify(piece.stopReason)}`;
    const fingerprint =
      piece.finishReason === undefined || request.streaming.includeUsage
        ? ''
        : `,"system_fingerprint":"${this.#server.fingerprint}"`;
    return (
      `${this.#head}${choice},"delta":{"content":${JSON.stringify(piece.text)}},"logprobs":${logprobs},${end},` +
      `"token_ids":${tokenIds}}]${this.#usage(this.#tokens[choice]!)}${fingerprint}}\n\n`
    );
  }

  /** With `continuous_usage_stats`, what the choice has cost so far. */
  #usage(completionTokens: number): string {
    const { request, prompt } = this.#answer;
    if (!request.streaming.continuousUsage) return '';
    const usage = streamUsageOf(prompt.length, completionTokens, undefined);
    return `,"usage":${JSON.stringify({ ...usage, completion_tokens_details: null })}`;
  }

  #usageChunk(): string {
    const { id, created, model, prompt } = this.#answer;
    const { fingerprint, options } = this.#server;
    const cached = options.enablePromptTokensDetails ? this.#run.cachedTokens : undefined;
    const generated = this.#tokens.reduce((sum, count) => sum + count, 0);
    return event({
      id,
      object: 'chat.completion.chunk',
      created,
      model,
      choices: [],
      usage: streamUsageOf(prompt.length, generated, cached),
      system_fingerprint: fingerprint,
    });
  }
}

function chunkHead({ id, created, model }: ChatAnswer): string {
  const head = JSON.stringify({ id, object: 'chat.completion.chunk', created, model });
  return `data: ${head.slice(0, -1)},"choices":[{"index":`;
}
