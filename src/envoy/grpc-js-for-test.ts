import type { DescMethod, DescService } from '@bufbuild/protobuf';
import { fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf';
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';

type Method<M> = M extends {
  input: infer I extends DescMethod['input'];
  output: infer O extends DescMethod['output'];
}
  ? MethodDefinition<MessageShape<I>, MessageShape<O>>
  : never;

/** grpc-js's own form of a service that protoc-gen-es generated: handlers and clients get protobuf-es messages. */
export type GrpcService<S extends DescService> = { [K in keyof S['method']]: Method<S['method'][K]> };

/** Bytes that are no message of the type make grpc-js end the call with INTERNAL; nothing else sees them. */
export function grpcService<S extends DescService>(service: S): GrpcService<S> & ServiceDefinition {
  const methods = service.methods.map(method => [method.localName, grpcMethod(service, method)]);
  return Object.fromEntries(methods) as GrpcService<S> & ServiceDefinition;
}

function grpcMethod(
  service: DescService,
  { input, output, ...method }: DescMethod,
): MethodDefinition<object, object> {
  return {
    path: `/${service.typeName}/${method.name}`,
    requestStream: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
    responseStream: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
    requestSerialize: message => Buffer.from(toBinary(input, message as MessageShape<typeof input>)),
    requestDeserialize: bytes => fromBinary(input, bytes),
    responseSerialize: message => Buffer.from(toBinary(output, message as MessageShape<typeof output>)),
    responseDeserialize: bytes => fromBinary(output, bytes),
  };
}
