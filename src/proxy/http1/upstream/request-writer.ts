import type { Socket } from 'node:net';
import type { UpstreamRequest } from '../../codec/upstream-request.ts';
import { writeSoon } from '../write-batch.ts';

/** Up to here head and body are one string and one write. */
const SMALL_BYTES = 16 * 1024;

/** Writes a request's head, and its body where that is whole (RFC 9112 sections 3, 5, 6). */
export function writeRequest(socket: Socket, request: UpstreamRequest): void {
  const { body } = request;
  const head = requestHead(request);
  if (body === undefined || body.length === 0) writeSoon(socket, head);
  else if (body.length <= SMALL_BYTES) writeSoon(socket, head + body.bytes.toString('latin1'));
  else {
    writeSoon(socket, head);
    for (const bytes of body.pieces) writeSoon(socket, bytes);
  }
}

/** With its closing empty line; latin1. */
export function requestHead({
  method,
  target,
  headers,
  upgrade,
  body,
  bodyLength,
  saysEmpty,
}: UpstreamRequest): string {
  let text = `${method} ${target} HTTP/1.1\r\n`;
  for (let i = 0; i < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`;
  if (upgrade !== undefined) text += `connection: upgrade\r\nupgrade: ${upgrade}\r\n`;
  const length = body === undefined ? bodyLength : body.length;
  if (length === -1) return `${text}transfer-encoding: chunked\r\n\r\n`;
  return length > 0 || saysEmpty ? `${text}content-length: ${length}\r\n\r\n` : `${text}\r\n`;
}
