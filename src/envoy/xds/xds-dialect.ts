import type { Status } from '../gen/google/rpc/status_pb.ts';
import type { Send } from './type-sequence.ts';
import type { TypeState } from './type-state.ts';
import type { XdsType } from './types.ts';

export type StreamEvent =
  | { readonly kind: 'ack'; readonly type: XdsType; readonly version: string }
  | {
      readonly kind: 'nack';
      readonly type: XdsType;
      readonly version: string;
      /** Resources that were refused. */
      readonly names: readonly string[];
      /** Envoy's words. */
      readonly message: string;
    }
  /** An answer to a response that has been followed by another, or that was never sent. */
  | { readonly kind: 'stale'; readonly type: XdsType };

/** One of the two forms of the protocol: how requests and responses are written. */
export interface Dialect<Request, Response> {
  readonly delta: boolean;
  read(state: TypeState, request: Request): StreamEvent[];
  write(state: TypeState, typeUrl: string, send: Send, nonce: string, nowMs: number): Response;
}

/** The answer to the outstanding response: it takes the new version or refuses it (xDS protocol, "ACK and NACK"). */
export function answered(state: TypeState, error: Status | undefined): StreamEvent[] {
  const { outstanding, type } = state;
  if (outstanding === undefined) return [];
  state.outstanding = undefined;
  const { version } = outstanding;
  if (error === undefined) {
    state.acked = version;
    return [{ kind: 'ack', type, version }];
  }
  const names = state.rejected(outstanding.names, error.message);
  return [{ kind: 'nack', type, version, names, message: error.message }];
}
