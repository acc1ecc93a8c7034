export { makesResponse, ResponseIdReader, responseIdIn } from './answer/response-id.ts';
export { errorBody, errorDialect } from './errors.ts';
export { ASKED_NOTHING, type Asked, asked, MAX_PROMPT_BYTES } from './request/asked.ts';
export { modelHeaderValue } from './request/model-header.ts';
export type { Prompt } from './request/prompt.ts';
