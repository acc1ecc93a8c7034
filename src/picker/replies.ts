import { type LocalReply, textReply } from '../limits/index.ts';

/** An error in the shape that OpenAI's clients read. */
export function openAiError(status: number, type: string, message: string): LocalReply {
  return {
    status,
    headers: ['content-type', 'application/json'],
    body: JSON.stringify({ error: { message, type, param: null, code: status } }),
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
