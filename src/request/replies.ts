import { dialectOf, errorBody } from '../dialect/index.ts';
import { type ByteBudget, REQUEST_FAULT } from '../kernel/index.ts';
import { type LocalReply, textReply } from './local-reply.ts';

/** An error in the dialect of the request that it answers. @param target path and query of the request */
function errorReply(target: string, status: number, type: string, message: string): LocalReply {
  const mark = target.indexOf('?');
  const dialect = dialectOf(mark === -1 ? target : target.slice(0, mark));
  return {
    status,
    headers: ['content-type', 'application/json'],
    body: errorBody(dialect, status, type, message),
  };
}

/** @param target path and query of the request */
export function badRequest(target: string, message: string): LocalReply {
  return errorReply(target, 400, 'BadRequestError', message);
}

/** Why a body was not read, for the decision. */
export const NO_ROOM = 'no more may be held of all request bodies together';

/** 503, before more of the body is read. */
export function noRoomReply({ heldBytes, maxBytes }: ByteBudget): LocalReply {
  const { status, headers, body } = textReply(503, 'too many request bodies are being read');
  const reason = `limit=heldBodyBytes; in-use=${heldBytes}; max=${maxBytes}`;
  return { status, headers: [...headers, 'x-breakwater-reason', reason, 'retry-after', '1'], body };
}

export const NO_HEALTHY_UPSTREAM = textReply(503, 'no healthy upstream');

/** @param target path and query of the request */
export function shedReply(target: string): LocalReply {
  const message = 'All model servers are saturated and this request is sheddable.';
  const { status, headers, body } = errorReply(target, 429, 'RateLimitError', message);
  return {
    status,
    headers: [...headers, 'x-breakwater-reason', 'reason=saturated; criticality=Sheddable'],
    body,
  };
}

/** RFC 6455 section 4.1: the handshake is a GET, and has no body. */
export const UPGRADE_WITH_BODY = 'An upgrade of the connection is asked for by a GET without a body.';

/** Why a body that is too large was not read, for the decision. */
export const TOO_LARGE = 'the body is larger than is allowed';
export const TOO_LARGE_REPLY = textReply(413, 'Payload Too Large');

/** The external picker of a pool that fails closed gave no endpoint. */
export function unplacedReply(failure: string): LocalReply {
  const { status, headers, body } = NO_HEALTHY_UPSTREAM;
  return {
    status,
    headers: [...headers, 'x-breakwater-reason', `reason=external-picker; cause=${failure}`],
    body,
  };
}

/** The answer to a request that something of ours threw in. */
export const FAULT_REPLY: LocalReply = {
  status: 500,
  headers: ['content-type', 'text/plain', 'x-breakwater-reason', REQUEST_FAULT],
  body: 'Internal Server Error',
};
