/** What a model server says of a model that it does not have is far shorter. */
export const MAX_ABSENT_BYTES = 4096;

/** Whether a 404 is about the model: `"param": "model"` (vLLM), or `"code": "model_not_found"` (OpenAI); not a path that is not there. */
export function saysModelAbsent(body: Buffer): boolean {
  try {
    const answer: unknown = JSON.parse(body.toString());
    const { error = answer } = answer as { error?: unknown };
    const { param, code } = error as { param?: unknown; code?: unknown };
    return param === 'model' || code === 'model_not_found';
  } catch {
    return false;
  }
}
