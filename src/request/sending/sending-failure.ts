import { type LocalReply, RESET_TEXT, textReply } from '../local-reply.ts';

/** How a try ended without a whole answer, in Envoy's words. */
export type FailureKind = 'connect-failure' | 'connect-timeout' | 'reset' | 'protocol-error' | 'timeout';

/** @param retried it was not the first try */
export function failureReply(kind: FailureKind, retried = false): LocalReply {
  const text = `${RESET_TEXT}${retried ? 'retried and the latest ' : ''}reset reason: `;
  switch (kind) {
    case 'connect-failure':
      return textReply(503, `${text}remote connection failure`);
    case 'connect-timeout':
      return textReply(503, `${text}connection timeout`);
    case 'reset':
      return textReply(503, `${text}connection termination`);
    case 'protocol-error':
      return textReply(502, `${text}protocol error`);
    case 'timeout':
      return textReply(504, 'upstream request timeout');
  }
}

/**
 * Whether the server had given up a kept connection before it saw the request: nothing came back (RFC 9112 section 9.3.1).
 * `unsent`: nothing of the request can have reached it either.
 */
export type StaleConnection = 'no' | 'sent' | 'unsent';

/** No connection could be made: nothing of the request was sent. */
export function isUnreachable(kind: FailureKind): boolean {
  return kind === 'connect-failure' || kind === 'connect-timeout';
}
