/** Status codes of gRPC that a server here gives (grpc/doc/statuscodes.md). */
const OK = 0;
export const INVALID_ARGUMENT = 3;
export const NOT_FOUND = 5;
export const PERMISSION_DENIED = 7;
export const RESOURCE_EXHAUSTED = 8;
export const UNIMPLEMENTED = 12;
export const INTERNAL = 13;
export const UNAVAILABLE = 14;

export interface GrpcStatus {
  readonly code: number;
  readonly message: string;
}

export const OK_STATUS: GrpcStatus = { code: OK, message: '' };

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
