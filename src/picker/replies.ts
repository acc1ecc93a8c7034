import { errorBody, errorDialect } from '../dialect/index.ts';
import { type LocalReply, textReply } from '../limits/index.ts';

/** An error in the shape that OpenAI's clients read. */
function openAiError(status: number, type: string, message: string): LocalReply {
  return {
    status,
    headers: ['content-type', 'application/json'],
    body: errorBody('openai', status, type, message),
  };
}

/** @param target path and query of the request, whose dialect the error is in */
export function badRequest(target: string, message: string): LocalReply {
  const mark = target.indexOf('?');
  const dialect = errorDialect(mark === -1 ? target : target.slice(0, mark));
  return {
    status: 400,
    headers: ['content-type', 'application/json'],
    body: errorBody(dialect, 400, 'BadRequestError', message),
  };
}

export const NO_HEALTHY_UPSTREAM = textReply(503, 'no healthy upstream');

const SHED = openAiError(
  429,
  'RateLimitError',
  'All model servers are saturated and this request is sheddable.',
);
export const SHED_REPLY: LocalReply = {
  ...SHED,
  headers: [...SHED.headers, 'x-breakwater-reason', 'reason=saturated; criticality=Sheddable'],
};
