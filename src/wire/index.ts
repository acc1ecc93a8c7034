export { type AskOnceOptions, askOnce, type UnaryAnswer } from './grpc/ask-once.ts';
export { type CallEvents, type CallOptions, GrpcClientCall } from './grpc/client-call.ts';
export {
  GrpcConnection,
  type GrpcConnectionOwner,
  type GrpcServerAddress,
} from './grpc/client-connection.ts';
export { frameMessages } from './grpc/grpc-messages.ts';
export {
  type GrpcMethods,
  GrpcServer,
  type GrpcServerOptions,
  type GrpcServerTls,
} from './grpc/grpc-server.ts';
export * from './grpc/grpc-status.ts';
export { type CallHandler, GrpcCall } from './grpc/server-call.ts';
export { LENGTH_DELIMITED, VARINT, WireReader } from './protobuf-reader.ts';
export { fieldHead, messageField, numberField, textField } from './protobuf-writer.ts';
