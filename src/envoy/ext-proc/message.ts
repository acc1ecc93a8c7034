import type { HeaderMutation } from '../../plan/index.ts';
import type { LocalReply } from '../../request/index.ts';
import type { Outcome } from './outcome.ts';

/**
 * What the picker reads of an envoy.service.ext_proc.v3.ProcessingRequest: the parts that it acts on, so that a message
 * is taken apart only as far as that.
 */
export type ProxyMessage =
  | RequestHeaders
  | BodyPart<'request-body'>
  | { readonly kind: 'request-trailers' }
  | ResponseHeaders
  | BodyPart<'response-body'>
  | { readonly kind: 'response-trailers' }
  /** Bytes that are no ProcessingRequest. */
  | { readonly kind: 'malformed'; readonly reason: string };

export interface RequestHeaders {
  readonly kind: 'request-headers';
  /** The request has neither body nor trailers. */
  readonly endOfStream: boolean;
  /** `:method`; '' without one. */
  readonly method: string;
  /** `x-request-id`; '' without one. */
  readonly requestId: string;
  /** `content-length`; -1 without one. */
  readonly contentLength: number;
  /** `:path`, with its query; '' without one. */
  readonly target: string;
  readonly contentType: string;
  readonly contentEncoding: string;
  /** `x-gateway-inference-objective`; '' without one. */
  readonly objective: string;
  /** The client sent `x-breakwater-explain`. */
  readonly explain: boolean;
  /** It asks for another protocol (RFC 9110 section 7.8). */
  readonly upgrade: boolean;
  /** Our own Envoy says that it is one who may be told names. */
  readonly operator: boolean;
  /** protocol_config, which only the first message has, if any. */
  readonly modes: BodyModes | undefined;
  /** `envoy.lb.subset_hint`: only these may be picked. */
  readonly subset: readonly string[] | undefined;
}

export interface ResponseHeaders {
  readonly kind: 'response-headers';
  /** `:status`; 0 without one. */
  readonly status: number;
  /** `content-length`; -1 without one. */
  readonly contentLength: number;
  /** Which endpoint answered, where the gateway says so. */
  readonly served: string | undefined;
  /** What our own Envoy says besides. */
  readonly outcome: Outcome | undefined;
}

export interface BodyPart<Kind extends 'request-body' | 'response-body'> {
  readonly kind: Kind;
  readonly body: Buffer;
  readonly endOfStream: boolean;
}

/** envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.BodySendMode; index is its number. */
export const BODY_MODES = [
  'NONE',
  'STREAMED',
  'BUFFERED',
  'BUFFERED_PARTIAL',
  'FULL_DUPLEX_STREAMED',
  'GRPC',
] as const;
export type BodyMode = (typeof BODY_MODES)[number];

/** How the gateway sends bodies, and so how they are answered. */
export interface BodyModes {
  readonly request: BodyMode;
  readonly response: BodyMode;
}

/** Where a gateway does not say: what the endpoint picker protocol asks of all (004-endpoint-picker-protocol, "streaming mode"). */
export const DEFAULT_BODY_MODES: BodyModes = {
  request: 'FULL_DUPLEX_STREAMED',
  response: 'FULL_DUPLEX_STREAMED',
};

export type Phase = Exclude<ProxyMessage['kind'], 'malformed'>;

/** What the picker answers: a ProcessingResponse each. */
export type PickerReply =
  /** The answer to the last message may take so long. */
  | { readonly kind: 'more-time'; readonly ms: number }
  /** Go on, nothing is changed. */
  | { readonly kind: 'continue'; readonly phase: Phase }
  | PickedReply
  | BodyReply
  /** Headers of the request, when its body is known; the gateway chooses the route anew. */
  | { readonly kind: 'request-described'; readonly set: readonly string[] }
  /** Headers of the response. */
  | {
      readonly kind: 'response-headers';
      readonly set: readonly string[];
      /** By an external picker. */
      readonly changes?: HeaderMutation;
      /** Our own Envoy shows the body of this one response, as it passes. */
      readonly showBody?: true;
    }
  /** The client gets this; no endpoint is asked. */
  | { readonly kind: 'immediate'; readonly reply: LocalReply; readonly extra: readonly string[] };

/** FULL_DUPLEX_STREAMED: a piece of the body that goes on. */
export interface BodyReply {
  readonly kind: 'body';
  readonly phase: 'request-body' | 'response-body';
  readonly body: Buffer;
  readonly endOfStream: boolean;
}

export interface PickedReply {
  readonly kind: 'picked';
  readonly phase: 'request-headers' | 'request-body';
  /** `ADDRESS:PORT`, or several by commas, the picked one first. */
  readonly destination: string;
  /** The gateway chooses the route anew, by the header that it was just given. */
  readonly clearRouteCache: boolean;
  /** Our own Envoy sends it again where no answer came: its method allows that. */
  readonly repeatable?: boolean;
  /** Of the body that is sent, where it was rewritten. */
  readonly contentLength?: number | undefined;
  /** Of the request's headers, by an external picker. */
  readonly changes?: HeaderMutation | undefined;
  /** BUFFERED: the body that is sent, where it was rewritten. */
  readonly body?: Buffer | undefined;
}
