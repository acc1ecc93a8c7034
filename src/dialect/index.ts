export { ASKED_NOTHING, type Asked, asked, MAX_PROMPT_BYTES } from './asked.ts';
export { errorBody, errorDialect } from './errors.ts';
export { modelHeaderValue } from './model-header.ts';
export type { Prompt } from './prompt.ts';
export { makesResponse, ResponseIdReader, responseIdIn } from './response-id.ts';
