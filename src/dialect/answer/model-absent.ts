/** What a model server says of a model that it does not have is far shorter. */
export const MAX_ABSENT_BYTES = 4096;

/** How messages about a model begin: vLLM's "The model `m` does not exist.", Anthropic's "model: m". */
const ABOUT_MODEL = ['The model ', 'model: '];

/**
 * Whether a 404 is about the model: `"param": "model"` (vLLM), `"code": "model_not_found"` (OpenAI), or an error in the shape of
 * Anthropic's Messages API, which has neither and says it in words alone; not a path that is not there.
 */
export function saysModelAbsent(body: Buffer): boolean {
  try {
    const answer: unknown = JSON.parse(body.toString());
    const { type, error = answer } = answer as { type?: unknown; error?: unknown };
    const { param, code, message } = error as { param?: unknown; code?: unknown; message?: unknown };
    if (param === 'model' || code === 'model_not_found') return true;
    return type === 'error' && ABOUT_MODEL.some(words => String(message).startsWith(words));
  } catch {
    return false;
  }
}
