export { askOnce } from './grpc/ask-once.ts';
export type { CallEvents, CallOptions, GrpcClientCall } from './grpc/client-call.ts';
export { GrpcConnection } from './grpc/grpc-client-connection.ts';
export { frameMessages, PREFIX_BYTES, putPrefix } from './grpc/grpc-messages.ts';
export { type GrpcMethods, GrpcServer } from './grpc/grpc-server.ts';
export * from './grpc/grpc-status.ts';
export type { CallHandler, GrpcCall } from './grpc/server-call.ts';
export { LENGTH_DELIMITED, VARINT, WireReader } from './protobuf-reader.ts';
export { headBytes, messageField, numberField, putFieldHead, textField } from './protobuf-writer.ts';
