/** `usage` of a whole answer: OpenAI's three figures in vLLM's order, then its details. */
export function usageOf(
  promptTokens: number,
  completionTokens: number,
  cachedTokens: number | undefined,
): object {
  return {
    prompt_tokens: promptTokens,
    total_tokens: promptTokens + completionTokens,
    completion_tokens: completionTokens,
    prompt_tokens_details: details(cachedTokens),
    completion_tokens_details: null,
  };
}

/** `usage` of a stream's last chunk: what is null is left out. */
export function streamUsageOf(
  promptTokens: number,
  completionTokens: number,
  cachedTokens: number | undefined,
): object {
  const {
    prompt_tokens_details: _,
    completion_tokens_details: __,
    ...figures
  } = usageOf(promptTokens, completionTokens, undefined) as Record<string, unknown>;
  const known = details(cachedTokens);
  return known === null ? figures : { ...figures, prompt_tokens_details: known };
}

/** vLLM leaves the details out when nothing was cached. */
function details(cachedTokens: number | undefined): object | null {
  return cachedTokens === undefined || cachedTokens === 0 ? null : { cached_tokens: cachedTokens };
}
