import { monotonicMs } from '../../limits/index.ts';
import { INVALID_ARGUMENT, UNAVAILABLE } from '../../wire/grpc-status.ts';
import type { CallHandler, GrpcCall } from '../grpc/call.ts';
import type { Desk } from './desk.ts';
import { PickStream } from './stream.ts';
import type { Target } from './target.ts';
import { decodeMessage } from './wire/decode.ts';
import { encodeReply } from './wire/encode.ts';

/** gRPC metadata of a stream: the Cluster.name whose limits its request counts in. Set by our own Envoy configuration. */
const CLUSTER_HEADER = 'x-breakwater-cluster';

export const PROCESS_PATH = '/envoy.service.ext_proc.v3.ExternalProcessor/Process';

export interface ProcessOptions {
  readonly desk: Desk;
  /** @param cluster what {@link CLUSTER_HEADER} says; undefined without it */
  readonly targetOf: (cluster: string | undefined) => Target | undefined;
  readonly onBadInput: (peer: string, reason: string) => void;
}

/** envoy.service.ext_proc.v3.ExternalProcessor/Process: a stream is one request of a gateway. */
export function processMethod({ desk, targetOf, onBadInput }: ProcessOptions) {
  return (call: GrpcCall): CallHandler => {
    const value = call.headers[CLUSTER_HEADER];
    const cluster = typeof value === 'string' ? value : undefined;
    const target = targetOf(cluster);
    if (target === undefined) {
      const reason = `${cluster === undefined ? 'the pool' : `the cluster ${cluster}`} is not known here`;
      onBadInput(call.peer, reason);
      call.end({ code: UNAVAILABLE, message: reason });
      return IDLE;
    }
    const stream = new PickStream(desk, target, monotonicMs());
    return {
      message(bytes) {
        const message = decodeMessage(bytes);
        if (message.kind === 'malformed') {
          const reason = `no ProcessingRequest: ${message.reason}`;
          onBadInput(call.peer, reason);
          call.end({ code: INVALID_ARGUMENT, message: reason });
          return;
        }
        const replies = stream.receive(message, monotonicMs());
        if (replies.length === 0) return;
        call.send(replies.map(encodeReply));
        if (replies[replies.length - 1]?.kind === 'immediate') call.end();
      },
      halfClosed: () => call.end(),
      closed: () => stream.end(monotonicMs()),
    };
  };
}

const IDLE: CallHandler = { message: () => {}, halfClosed: () => {}, closed: () => {} };
