/** Status codes of gRPC that are given here, or looked at (grpc/doc/statuscodes.md). */
export const OK = 0;
const UNKNOWN = 2;
export const INVALID_ARGUMENT = 3;
export const DEADLINE_EXCEEDED = 4;
export const NOT_FOUND = 5;
export const PERMISSION_DENIED = 7;
export const RESOURCE_EXHAUSTED = 8;
export const FAILED_PRECONDITION = 9;
export const UNIMPLEMENTED = 12;
export const INTERNAL = 13;
export const UNAVAILABLE = 14;
export const UNAUTHENTICATED = 16;

export interface GrpcStatus {
  readonly code: number;
  readonly message: string;
}

export const OK_STATUS: GrpcStatus = { code: OK, message: '' };

/** Of a message that another wrote so much is kept. */
const MAX_MESSAGE_CHARS = 200;

/** Status-Message: percent-encoded, printable ASCII without `%` stays (grpc/doc/PROTOCOL-HTTP2.md). */
export function encodeStatusMessage(message: string): string {
  let text = '';
  for (const byte of Buffer.from(message))
    text +=
      byte >= 0x20 && byte <= 0x7e && byte !== 0x25
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  return text;
}

/** What is no percent-encoding stays as it is: "when decoding invalid values, implementations MUST NOT error or throw away the message". */
export function decodeStatusMessage(text: string): string {
  if (!text.includes('%')) return text;
  const decoded = text.replaceAll(/(?:%[0-9a-fA-F]{2})+/g, bytes =>
    Buffer.from(bytes.replaceAll('%', ''), 'hex').toString(),
  );
  return decoded;
}

/** The status in trailers, or in the head of an answer that has no body; undefined where there is none. */
export function statusIn(fields: Readonly<Record<string, unknown>>): GrpcStatus | undefined {
  const code = fields['grpc-status'];
  if (typeof code !== 'string') return undefined;
  const message = fields['grpc-message'];
  return {
    code: STATUS_CODE.test(code) ? Number(code) : UNKNOWN,
    message:
      typeof message === 'string'
        ? decodeStatusMessage(message.slice(0, 4 * MAX_MESSAGE_CHARS)).slice(0, MAX_MESSAGE_CHARS)
        : '',
  };
}

const STATUS_CODE = /^\d{1,3}$/;

/** What an answer without a status of gRPC means (grpc/doc/http-grpc-status-mapping.md). */
export function statusOfHttp(status: number): GrpcStatus {
  const message = `HTTP status ${status}`;
  switch (status) {
    case 400:
      return { code: INTERNAL, message };
    case 401:
      return { code: UNAUTHENTICATED, message };
    case 403:
      return { code: PERMISSION_DENIED, message };
    case 404:
      return { code: UNIMPLEMENTED, message };
    case 429:
    case 502:
    case 503:
    case 504:
      return { code: UNAVAILABLE, message };
    default:
      return { code: UNKNOWN, message };
  }
}
