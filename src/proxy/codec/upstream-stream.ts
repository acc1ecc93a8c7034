import type { ScopeHandle } from '../../limits/index.ts';
import type { Cluster } from '../../plan/index.ts';
import type { Address } from '../../request/index.ts';
import type { Framing, PayloadSink } from './body-form.ts';
import type { UpstreamEvents } from './upstream-events.ts';
import type { UpstreamRequest } from './upstream-request.ts';

/** How one try of a request is made. */
export interface TryOptions {
  readonly request: UpstreamRequest;
  /** Of the client who gets the answer: see {@link BodyForm}. */
  readonly framing: Framing;
  /** On a connection of its own. */
  readonly fresh: boolean;
  readonly maxHeadBytes: number;
  readonly maxHeaders: number;
  /** From the head's sending to the response's end, or to its beginning; 0 for none. */
  readonly timeoutMs: number;
  readonly timeoutUntil: 'end' | 'head';
}

/**
 * One try of a request at one endpoint, as the codec of its protocol makes it: connection, head, body, answer. What is written in one
 * turn of the event loop leaves in one write. What a server sends that its protocol does not allow is `failed` of {@link UpstreamEvents}.
 */
export interface UpstreamStream {
  /** It has a connection, which takes a body that is streamed. */
  readonly connected: boolean;
  /** The request's last byte has been written. */
  readonly requestEnded: boolean;
  /** An event may be put into the answer: what was passed on ends with a whole one. */
  readonly betweenEvents: boolean;
  /** Called once; {@link UpstreamEvents} may be told before it returns. */
  start(): void;
  /** More of a body that is streamed. @returns false when the server takes no more for now, until `drained` */
  data(bytes: Buffer): boolean;
  /** Fields that follow the body, before {@link end}: name, value, … Those that may not be passed on are left out before. */
  trailers(fields: readonly string[]): void;
  /** The body that is streamed is whole. */
  end(): void;
  /** No more of the answer is wanted for now, or it is again. */
  pause(): void;
  resume(): void;
  /** Shows the payload of an answer in the form `framed`, each piece before the `data` that has it. Called within `response`. */
  watch(sink: PayloadSink): void;
  /**
   * The request is over for another reason: the server is told to stop.
   * @param onGone called when the server is done with it too, as far as can be known
   */
  cancel(onGone: () => void): void;
}

/** The connections of one cluster in one worker. */
export interface UpstreamConnections {
  /** How they are secured. */
  readonly tls: Cluster['tls'];
  /** What they count in. */
  readonly scope: ScopeHandle;
  /** A new plan has the same cluster with other figures. */
  update(
    cluster: Cluster,
    scope: ScopeHandle,
    endpointScope: (endpoint: string) => ScopeHandle | undefined,
  ): void;
  /** A try that is still to be started. */
  open(target: Address, events: UpstreamEvents, options: TryOptions): UpstreamStream;
  /** Closes one idle connection, so that another worker may open one. */
  yieldIdle(): void;
  /** Closes what is idle now and, from now on, every connection after its answer. */
  drain(): void;
}
