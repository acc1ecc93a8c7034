export { MAX_ABSENT_BYTES, saysModelAbsent } from './answer/model-absent.ts';
export { makesResponse, ResponseIdReader, responseIdIn } from './answer/response-id.ts';
export { dialectOf } from './dialect-table.ts';
export { OPENAI } from './dialects/openai.ts';
export { errorBody } from './errors.ts';
export { ASKED_NOTHING, type Asked, asked, MAX_PROMPT_BYTES } from './request/asked.ts';
export { modelHeaderValue } from './request/model-header.ts';
export type { Prompt } from './request/prompt.ts';
