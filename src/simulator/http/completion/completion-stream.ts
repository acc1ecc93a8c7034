import type { Piece } from '../../text/generation.ts';
import { streamUsageOf } from '../answer-usage.ts';
import { GenerationRun, type RunOptions } from '../generation-run.ts';
import type { Exchange } from '../http-exchange.ts';
import { CompletionLogprobsBuilder } from '../logprobs.ts';
import type { ModelServer } from '../simulated-server.ts';
import { DONE, event } from '../stream-event.ts';
import { type CompletionAnswer, echoText } from './completion-answer.ts';

/** A completion as server-sent events, a chunk for each token. */
export class CompletionStream {
  readonly #server: ModelServer;
  readonly #exchange: Exchange;
  readonly #answer: CompletionAnswer;
  readonly #run: GenerationRun;
  readonly #head: string;
  /** By choice: tokens so far. */
  readonly #tokens: number[];
  readonly #logprobs: readonly CompletionLogprobsBuilder[];

  constructor(server: ModelServer, exchange: Exchange, answer: CompletionAnswer, options: RunOptions) {
    const { id, created, model, request } = answer;
    const choices = answer.prompts.length * request.sampling.n;
    this.#server = server;
    this.#exchange = exchange;
    this.#answer = answer;
    const head = JSON.stringify({ id, object: 'text_completion', created, model });
    this.#head = `data: ${head.slice(0, -1)},"choices":[{"index":`;
    this.#tokens = new Array<number>(choices).fill(0);
    const { logprobs } = request;
    this.#logprobs =
      logprobs === undefined
        ? []
        : this.#tokens.map(() => new CompletionLogprobsBuilder(server.language, logprobs));
    this.#run = new GenerationRun(server, options, (choice, piece) => this.#onPiece(choice, piece));
    exchange.onGone(() => this.#run.abort());
    exchange.startEvents();
  }

  #onPiece(choice: number, piece: Piece): void {
    const events = [this.#chunk(choice, piece)];
    if (this.#run.finished) {
      if (this.#answer.request.streaming.includeUsage) events.push(this.#usageChunk());
      events.push(DONE);
    }
    this.#exchange.sendEvents(events, this.#run.finished);
  }

  #chunk(choice: number, piece: Piece): string {
    const { request, prompts, onlyEcho } = this.#answer;
    const { streaming, sampling } = request;
    const isFirst = this.#tokens[choice]!++ === 0;
    const prompt = prompts[Math.floor(choice / sampling.n)]!;
    const text = (isFirst ? echoText(this.#server, this.#answer, choice) : '') + (onlyEcho ? '' : piece.text);
    const logprobs = this.#logprobs[choice]?.of(
      isFirst && request.echo ? prompt : [],
      onlyEcho ? [] : [piece],
    );
    const promptIds = isFirst && (sampling.returnTokenIds || request.echo) ? JSON.stringify(prompt) : 'null';
    const reason = piece.finishReason === undefined ? 'null' : `"${piece.finishReason}"`;
    const usage = streaming.continuousUsage
      ? `,"usage":${JSON.stringify(streamUsageOf(prompt.length, this.#tokens[choice]!, undefined))}`
      : '';
    const fingerprint =
      piece.finishReason === undefined || streaming.includeUsage
        ? ''
        : `,"system_fingerprint":"${this.#server.fingerprint}"`;
    return (
      `${this.#head}${choice},"text":${JSON.stringify(text)},"logprobs":${JSON.stringify(logprobs ?? null)},` +
      `"finish_reason":${reason},"stop_reason":${JSON.stringify(piece.stopReason)},"prompt_token_ids":${promptIds},` +
      `"token_ids":${sampling.returnTokenIds ? `[${piece.id}]` : 'null'}}]${usage}${fingerprint}}\n\n`
    );
  }

  #usageChunk(): string {
    const { id, created, model, prompts } = this.#answer;
    const { fingerprint, options } = this.#server;
    const cached = options.enablePromptTokensDetails ? this.#run.cachedTokens : undefined;
    const prompted = prompts.reduce((sum, prompt) => sum + prompt.length, 0);
    const generated = this.#tokens.reduce((sum, count) => sum + count, 0);
    return event({
      id,
      object: 'text_completion',
      created,
      model,
      choices: [],
      usage: streamUsageOf(prompted, generated, cached),
      system_fingerprint: fingerprint,
    });
  }
}
