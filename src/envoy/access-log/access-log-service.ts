import type { FaultLog } from '../../kernel/index.ts';
import type { CallHandler, GrpcCall, GrpcMethods } from '../../wire/index.ts';
import { INVALID_ARGUMENT } from '../../wire/index.ts';
import { type AccessLogEntry, readEntries } from './entry.ts';

export const ACCESS_LOG_PATH = '/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs';

export interface AccessLogOptions {
  readonly take: (entry: AccessLogEntry) => void;
  readonly onBadInput: (peer: string, reason: string) => void;
  /** Is told what of ours threw. */
  readonly faults: FaultLog;
}

/** envoy.service.accesslog.v3.AccessLogService: each worker of an Envoy has a stream, on which it says what has ended. */
export class AccessLogService {
  readonly #options: AccessLogOptions;
  readonly #calls = new Set<GrpcCall>();

  constructor(options: AccessLogOptions) {
    this.#options = options;
  }

  get methods(): GrpcMethods {
    return { [ACCESS_LOG_PATH]: call => this.#serve(call) };
  }

  /** Streams that are open: no requests, they end with their Envoy. */
  get streams(): number {
    return this.#calls.size;
  }

  /** No more is wanted. */
  end(): void {
    for (const call of [...this.#calls]) call.end();
  }

  #serve(call: GrpcCall): CallHandler {
    const { onBadInput, faults } = this.#options;
    const take = (entry: AccessLogEntry) => {
      try {
        this.#options.take(entry);
      } catch (thrown) {
        // The next ones are other requests'.
        faults.tell('what an Envoy says of a request', thrown);
      }
    };
    this.#calls.add(call);
    return {
      message: bytes => {
        try {
          readEntries(bytes, take);
        } catch (error) {
          const reason = `no StreamAccessLogsMessage: ${error instanceof Error ? error.message : error}`;
          onBadInput(call.peer, reason);
          call.end({ code: INVALID_ARGUMENT, message: reason });
        }
      },
      halfClosed: () => call.end(),
      closed: () => this.#calls.delete(call),
    };
  }
}
