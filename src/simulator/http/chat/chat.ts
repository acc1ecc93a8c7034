import { wallMs } from '../../../kernel/index.ts';
import type { Piece } from '../../text/generation.ts';
import { usageOf } from '../answer-usage.ts';
import { GenerationRun, type RunOptions } from '../generation-run.ts';
import type { Exchange } from '../http-exchange.ts';
import { answerId } from '../ids.ts';
import { chatLogprob } from '../logprobs.ts';
import { checkOutputLength, checkPromptText, checkPromptTokens } from '../prompt-length.ts';
import { promptLogprobs } from '../prompt-logprobs.ts';
import { checkLogprobs, checkSampling } from '../sampling.ts';
import type { ModelServer } from '../simulated-server.ts';
import { type ChatAnswer, echoed } from './chat-answer.ts';
import { chatPrompt } from './chat-prompt.ts';
import { type ChatRequest, readChatRequest } from './chat-request.ts';
import { ChatStream } from './chat-stream.ts';

/** `POST /v1/chat/completions` */
export async function chatCompletions(server: ModelServer, exchange: Exchange): Promise<void> {
  const request = readChatRequest(await exchange.json(), server.requestLimits);
  const { model, lora } = server.resolveModel(request.model);
  checkOutputLength(request.maxTokens, request.maxTokensParam, server.maxModelLen);
  const text = chatPrompt(server, request);
  checkPromptText(text, server.maxModelLen, server.tokenizer.maxCharsPerToken);
  const prompt = server.tokenizer.encode(text, request.addSpecialTokens);
  checkPromptTokens(prompt.length, server.maxModelLen, true);
  const room = server.maxModelLen - prompt.length;
  const maxTokens = Math.min(room, request.maxTokens ?? room);
  checkSampling(request.sampling, maxTokens);
  checkLogprobs(request.topLogprobs, server.options.maxLogprobs);
  checkLogprobs(request.promptLogprobs, server.options.maxLogprobs, 'prompt');
  const answer: ChatAnswer = {
    id: answerId('chatcmpl', exchange, request.requestId),
    created: Math.floor(wallMs() / 1000),
    model,
    role: request.addGenerationPrompt ? server.options.responseRole : String(request.messages.at(-1)?.role),
    prompt,
    request,
  };
  const options: RunOptions = {
    prompts: [prompt],
    sampling: request.sampling,
    maxTokens: [maxTokens],
    model,
    lora,
  };
  if (request.streaming.stream) new ChatStream(server, exchange, answer, options);
  else sendWhole(server, exchange, answer, options);
}

function sendWhole(server: ModelServer, exchange: Exchange, answer: ChatAnswer, options: RunOptions): void {
  const pieces: Piece[][] = Array.from({ length: answer.request.sampling.n }, () => []);
  const run = new GenerationRun(server, options, (choice, piece) => {
    pieces[choice]!.push(piece);
    if (run.finished) exchange.sendJson(200, wholeAnswer(server, answer, pieces, run.cachedTokens));
  });
  exchange.onGone(() => run.abort());
}

function wholeAnswer(
  server: ModelServer,
  { id, created, model, role, prompt, request }: ChatAnswer,
  choices: readonly (readonly Piece[])[],
  cachedTokens: number,
): object {
  const generated = choices.reduce((sum, pieces) => sum + pieces.length, 0);
  const { returnTokenIds } = request.sampling;
  return {
    id,
    object: 'chat.completion',
    created,
    model,
    choices: choices.map((pieces, index) => ({
      index,
      message: {
        role,
        content: echoed(request, role) + pieces.map(piece => piece.text).join(''),
        refusal: null,
        annotations: null,
        audio: null,
        function_call: null,
        tool_calls: [],
        reasoning: null,
      },
      logprobs: wholeLogprobs(server, request, pieces),
      finish_reason: pieces.at(-1)!.finishReason!,
      stop_reason: pieces.at(-1)!.stopReason,
      token_ids: returnTokenIds ? pieces.map(piece => piece.id) : null,
      routed_experts: null,
    })),
    service_tier: null,
    system_fingerprint: server.fingerprint,
    usage: usageOf(
      prompt.length,
      generated,
      server.options.enablePromptTokensDetails ? cachedTokens : undefined,
    ),
    prompt_logprobs: promptLogprobs(server.language, prompt, request.promptLogprobs),
    prompt_token_ids: returnTokenIds ? prompt : null,
    prompt_text: null,
    kv_transfer_params: null,
    ec_transfer_params: null,
    metrics: null,
  };
}

function wholeLogprobs(
  server: ModelServer,
  { topLogprobs }: ChatRequest,
  pieces: readonly Piece[],
): object | null {
  if (topLogprobs === undefined) return null;
  return { content: pieces.map(piece => chatLogprob(server.language, piece, topLogprobs)) };
}
