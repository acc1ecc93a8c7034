import { newId } from '../../kernel/index.ts';
import type { Exchange } from './http-exchange.ts';

/** Id of an answer: the request's `x-request-id`, its `request_id`, or 16 random hex digits. */
export function answerId(prefix: string, exchange: Exchange, requestId: string | undefined): string {
  const header = exchange.request.headers['x-request-id'];
  const id = (Array.isArray(header) ? header[0] : header) ?? requestId ?? randomHex();
  return `${prefix}-${id}`;
}

/** 16 digits. */
export function randomHex(): string {
  return newId().replaceAll('-', '').slice(-16);
}
