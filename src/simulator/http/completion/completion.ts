import { wallMs } from '../../../kernel/index.ts';
import type { Piece } from '../../text/generation.ts';
import { usageOf } from '../answer-usage.ts';
import { badRequest } from '../api-error.ts';
import { GenerationRun, type RunOptions } from '../generation-run.ts';
import type { Exchange } from '../http-exchange.ts';
import { answerId } from '../ids.ts';
import { CompletionLogprobsBuilder } from '../logprobs.ts';
import { checkOutputLength, checkPromptText, checkPromptTokens } from '../prompt-length.ts';
import { promptLogprobs } from '../prompt-logprobs.ts';
import { checkLogprobs, checkSampling } from '../sampling.ts';
import type { ModelServer } from '../simulated-server.ts';
import { type CompletionAnswer, echoText } from './completion-answer.ts';
import { type CompletionRequest, readCompletionRequest } from './completion-request.ts';
import { CompletionStream } from './completion-stream.ts';

/** `POST /v1/completions` */
export async function completions(server: ModelServer, exchange: Exchange): Promise<void> {
  const request = readCompletionRequest(await exchange.json(), server.requestLimits);
  const { model, lora } = server.resolveModel(request.model);
  checkOutputLength(request.maxTokens, 'max_tokens', server.maxModelLen);
  const prompts = request.prompts.map(prompt => promptTokens(server, request, prompt));
  // With `echo`, 0 tokens ask for the prompt alone; vLLM generates one and does not show it.
  const onlyEcho = request.echo && request.maxTokens === 0;
  const wanted = onlyEcho ? 1 : request.maxTokens;
  const maxTokens = prompts.map(prompt => Math.min(server.maxModelLen - prompt.length, wanted));
  for (const most of maxTokens) checkSampling(request.sampling, most);
  checkLogprobs(request.logprobs, server.options.maxLogprobs);
  checkLogprobs(request.promptLogprobs, server.options.maxLogprobs, 'prompt');
  const answer: CompletionAnswer = {
    id: answerId('cmpl', exchange, request.requestId),
    created: Math.floor(wallMs() / 1000),
    model,
    prompts,
    request,
    onlyEcho,
  };
  const options: RunOptions = { prompts, sampling: request.sampling, maxTokens, model, lora };
  if (request.streaming.stream) new CompletionStream(server, exchange, answer, options);
  else sendWhole(server, exchange, answer, options);
}

function promptTokens(
  server: ModelServer,
  { addSpecialTokens }: CompletionRequest,
  prompt: string | readonly number[],
): readonly number[] {
  if (typeof prompt !== 'string') {
    checkPromptTokens(prompt.length, server.maxModelLen, false);
    const largest = prompt.reduce((most, id) => Math.max(most, id), 0);
    if (largest >= server.tokenizer.vocabularySize)
      throw badRequest(`Token id ${largest} is out of vocabulary`);
    return prompt;
  }
  checkPromptText(prompt, server.maxModelLen, server.tokenizer.maxCharsPerToken);
  const tokens = server.tokenizer.encode(prompt, addSpecialTokens);
  checkPromptTokens(tokens.length, server.maxModelLen, true);
  return tokens;
}

function sendWhole(
  server: ModelServer,
  exchange: Exchange,
  answer: CompletionAnswer,
  options: RunOptions,
): void {
  const pieces: Piece[][] = Array.from(
    { length: answer.prompts.length * answer.request.sampling.n },
    () => [],
  );
  const run = new GenerationRun(server, options, (choice, piece) => {
    pieces[choice]!.push(piece);
    if (run.finished) exchange.sendJson(200, wholeAnswer(server, answer, pieces, run.cachedTokens));
  });
  exchange.onGone(() => run.abort());
}

function wholeAnswer(
  server: ModelServer,
  answer: CompletionAnswer,
  choices: readonly (readonly Piece[])[],
  cachedTokens: number,
): object {
  const { id, created, model, prompts, request } = answer;
  const generated = choices.reduce((sum, pieces) => sum + pieces.length, 0);
  const prompted = prompts.reduce((sum, prompt) => sum + prompt.length, 0);
  return {
    id,
    object: 'text_completion',
    created,
    model,
    choices: choices.map((pieces, index) => wholeChoice(server, answer, pieces, index)),
    service_tier: null,
    system_fingerprint: server.fingerprint,
    usage: usageOf(
      prompted,
      generated,
      server.options.enablePromptTokensDetails && request.sampling.n > 0 ? cachedTokens : undefined,
    ),
    kv_transfer_params: null,
    ec_transfer_params: null,
    metrics: null,
  };
}

function wholeChoice(server: ModelServer, answer: CompletionAnswer, pieces: readonly Piece[], index: number) {
  const { request, prompts, onlyEcho } = answer;
  const { returnTokenIds, n } = request.sampling;
  const prompt = prompts[Math.floor(index / n)]!;
  const shown = onlyEcho ? [] : pieces;
  const logprobs =
    request.logprobs === undefined
      ? null
      : new CompletionLogprobsBuilder(server.language, request.logprobs).of(
          request.echo ? prompt : [],
          shown,
        );
  return {
    index,
    text: echoText(server, answer, index) + shown.map(piece => piece.text).join(''),
    logprobs,
    finish_reason: pieces.at(-1)!.finishReason!,
    stop_reason: pieces.at(-1)!.stopReason,
    token_ids: returnTokenIds ? pieces.map(piece => piece.id) : null,
    prompt_logprobs: promptLogprobs(server.language, prompt, request.promptLogprobs),
    prompt_token_ids: returnTokenIds ? prompt : null,
    routed_experts: null,
  };
}
