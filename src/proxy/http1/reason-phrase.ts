import { STATUS_CODES } from 'node:http';

/** Words beside a status (RFC 9110 section 15). */
export function reasonPhrase(status: number): string {
  return STATUS_CODES[status] ?? 'Unknown';
}
