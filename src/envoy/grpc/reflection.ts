import { create, type DescFile, type DescService, fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import type { CallHandler, GrpcCall, GrpcMethods } from '../../wire/index.ts';
import { INVALID_ARGUMENT, NOT_FOUND, UNIMPLEMENTED } from '../../wire/index.ts';
import {
  ServerReflectionRequestSchema,
  type ServerReflectionResponse,
  ServerReflectionResponseSchema,
} from '../gen/grpc/reflection/v1/reflection_pb.ts';

/** grpc.reflection.v1.ServerReflection, and v1alpha, which has the same messages: `grpcurl … list` works. */
export function reflectionMethods(services: readonly DescService[]): GrpcMethods {
  const index = new ReflectionIndex(services);
  const answer = (call: GrpcCall): CallHandler => ({
    message: bytes => {
      const response = index.answer(bytes);
      if (response === undefined) call.end({ code: INVALID_ARGUMENT, message: 'no ServerReflectionRequest' });
      else call.send([Buffer.from(toBinary(ServerReflectionResponseSchema, response))]);
    },
    halfClosed: () => call.end(),
    closed: () => {},
  });
  return {
    '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo': answer,
    '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo': answer,
  };
}

class ReflectionIndex {
  readonly #services: readonly string[];
  readonly #files = new Map<string, DescFile>();
  /** Files by what they define. */
  readonly #symbols = new Map<string, DescFile>();

  constructor(services: readonly DescService[]) {
    this.#services = services.map(service => service.typeName);
    for (const service of services) this.#add(service.file);
  }

  answer(bytes: Buffer): ServerReflectionResponse | undefined {
    let request: ReturnType<typeof fromBinary<typeof ServerReflectionRequestSchema>>;
    try {
      request = fromBinary(ServerReflectionRequestSchema, bytes);
    } catch {
      return undefined;
    }
    const { messageRequest } = request;
    return create(ServerReflectionResponseSchema, {
      validHost: request.host,
      originalRequest: request,
      messageResponse: this.#respond(messageRequest.case, messageRequest.value),
    });
  }

  #respond(kind: string | undefined, value: unknown): ServerReflectionResponse['messageResponse'] {
    const made = (init: Parameters<typeof create<typeof ServerReflectionResponseSchema>>[1]) =>
      create(ServerReflectionResponseSchema, init).messageResponse;
    const error = (errorCode: number, errorMessage: string) =>
      made({ messageResponse: { case: 'errorResponse', value: { errorCode, errorMessage } } });
    switch (kind) {
      case 'listServices':
        return made({
          messageResponse: {
            case: 'listServicesResponse',
            value: { service: this.#services.map(name => ({ name })) },
          },
        });
      case 'fileByFilename':
      case 'fileContainingSymbol': {
        const name = String(value);
        const file = kind === 'fileByFilename' ? this.#files.get(name) : this.#symbols.get(name);
        if (file === undefined) return error(NOT_FOUND, `${name} is not known`);
        const fileDescriptorProto = withImports(file).map(({ proto }) =>
          toBinary(FileDescriptorProtoSchema, proto),
        );
        return made({ messageResponse: { case: 'fileDescriptorResponse', value: { fileDescriptorProto } } });
      }
      default:
        return error(UNIMPLEMENTED, 'there are no extensions here');
    }
  }

  #add(file: DescFile): void {
    for (const one of withImports(file)) {
      this.#files.set(`${one.name}.proto`, one);
      for (const { typeName } of [...one.messages, ...one.enums, ...one.services])
        this.#symbols.set(typeName, one);
      for (const service of one.services)
        for (const method of service.methods) this.#symbols.set(`${service.typeName}.${method.name}`, one);
    }
  }
}

/** The file, then all that it imports. */
function withImports(file: DescFile, seen = new Set<DescFile>()): DescFile[] {
  if (seen.has(file)) return [];
  seen.add(file);
  return [file, ...file.dependencies.flatMap(dependency => withImports(dependency, seen))];
}
