import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { CallHandler, GrpcCall, GrpcMethods } from '../../wire/index.ts';
import { INVALID_ARGUMENT, NOT_FOUND } from '../../wire/index.ts';
import {
  HealthCheckRequestSchema,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from '../gen/grpc/health/v1/health_pb.ts';

/** How a service is; undefined for one that is not known. '' is the server as a whole. */
export type HealthOf = (service: string) => boolean | undefined;

/** grpc.health.v1.Health. Those that watch are told when {@link changed} is called and something has. */
export class HealthService {
  readonly #healthOf: HealthOf;
  readonly #watches = new Set<Watch>();

  constructor(healthOf: HealthOf) {
    this.#healthOf = healthOf;
  }

  get methods(): GrpcMethods {
    return {
      '/grpc.health.v1.Health/Check': call => this.#check(call),
      '/grpc.health.v1.Health/Watch': call => this.#watch(call),
    };
  }

  /** Something may have changed. */
  changed(): void {
    for (const watch of this.#watches) watch.tell(this.#healthOf(watch.service));
  }

  #check(call: GrpcCall): CallHandler {
    return {
      message: bytes => {
        const service = readService(bytes);
        const healthy = service === undefined ? undefined : this.#healthOf(service);
        if (service === undefined) call.end({ code: INVALID_ARGUMENT, message: 'no HealthCheckRequest' });
        else if (healthy === undefined)
          call.end({ code: NOT_FOUND, message: `the service ${service} is not known` });
        else {
          call.send([response(healthy)]);
          call.end();
        }
      },
      halfClosed: () => call.end({ code: INVALID_ARGUMENT, message: 'no HealthCheckRequest' }),
      closed: () => {},
    };
  }

  #watch(call: GrpcCall): CallHandler {
    let watch: Watch | undefined;
    return {
      message: bytes => {
        const service = readService(bytes);
        if (service === undefined || watch !== undefined) {
          call.end({ code: INVALID_ARGUMENT, message: 'expected one HealthCheckRequest' });
          return;
        }
        watch = new Watch(call, service);
        this.#watches.add(watch);
        watch.tell(this.#healthOf(service));
      },
      halfClosed: () => {},
      closed: () => {
        if (watch !== undefined) this.#watches.delete(watch);
      },
    };
  }
}

class Watch {
  readonly service: string;
  readonly #call: GrpcCall;
  #told: boolean | 'unknown' | undefined;

  constructor(call: GrpcCall, service: string) {
    this.#call = call;
    this.service = service;
  }

  /** grpc/doc/health-checking.md: a service that is not known is told as SERVICE_UNKNOWN, and may become known. */
  tell(healthy: boolean | undefined): void {
    const state = healthy ?? 'unknown';
    if (state === this.#told) return;
    this.#told = state;
    this.#call.send([response(healthy)]);
  }
}

function readService(bytes: Buffer): string | undefined {
  try {
    return fromBinary(HealthCheckRequestSchema, bytes).service;
  } catch {
    return undefined;
  }
}

function response(healthy: boolean | undefined): Buffer {
  const status =
    healthy === undefined
      ? ServingStatus.SERVICE_UNKNOWN
      : healthy
        ? ServingStatus.SERVING
        : ServingStatus.NOT_SERVING;
  return Buffer.from(toBinary(HealthCheckResponseSchema, create(HealthCheckResponseSchema, { status })));
}
