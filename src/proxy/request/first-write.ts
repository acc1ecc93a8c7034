import type { RequestHead } from '../http1/request-head.ts';
import type { BodyBytes } from './body-bytes.ts';
import type { RequestBody } from './request-body.ts';

/** What is sent upstream, the same for every try. */
export interface Upload {
  readonly method: string;
  readonly upgrade: boolean;
  /** All of the request is in {@link firstWrite}, and can be sent again. */
  readonly whole: boolean;
  readonly firstWrite: string | readonly Buffer[];
}

/** Up to here head and body are one string and one write. */
export const SMALL_BYTES = 16 * 1024;

/** Whether an empty body has its length said: where the client did, and where a body is expected (RFC 9110 section 8.6). */
export function saysLength({ method, facts }: RequestHead): boolean {
  return facts.contentLength === 0 || method === 'POST' || method === 'PUT' || method === 'PATCH';
}

/** The framing lines of a body that is passed on as it comes, and the head's closing empty line. */
export function streamedFraming(body: RequestBody, sayEmpty: boolean): string {
  if (body.declaredLength === -1) return 'transfer-encoding: chunked\r\n\r\n';
  return body.declaredLength === 0 && !sayEmpty ? '\r\n' : `content-length: ${body.declaredLength}\r\n\r\n`;
}

/** @returns one latin1 string for a small body, else head and body */
export function withBody(head: string, body: BodyBytes, sayEmpty: boolean): string | Buffer[] {
  const { length } = body;
  const whole = sayEmpty || length > 0 ? `${head}content-length: ${length}\r\n\r\n` : `${head}\r\n`;
  if (length <= SMALL_BYTES) return whole + body.latin1;
  return [Buffer.from(whole, 'latin1'), ...body.pieces];
}
