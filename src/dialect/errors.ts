/** The dialect that a client speaks, by what it asks for: errors come in it. */
export type ErrorDialect = 'openai' | 'anthropic';

/** @param path without its query */
export function errorDialect(path: string): ErrorDialect {
  return /\/v1\/messages(?:\/|$)/.test(path) ? 'anthropic' : 'openai';
}

/** An error as clients of a dialect read it, as JSON. */
export function errorBody(dialect: ErrorDialect, status: number, type: string, message: string): string {
  return JSON.stringify(
    dialect === 'anthropic'
      ? { type: 'error', error: { type: ANTHROPIC_TYPES[status] ?? 'api_error', message } }
      : { error: { message, type, param: null, code: status } },
  );
}

/** https://docs.anthropic.com/en/api/errors */
const ANTHROPIC_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
};
