import type { BodyForm, Framing } from './body-form.ts';
import type { ServerTunnel } from './server-tunnel.ts';

/**
 * The client's side of one request, as the codec of its protocol gives it: its answer is `head`, then `data`, `trailers` and `end`; or
 * `reset`, at any time. What is written in one turn of the event loop leaves in one write.
 */
export interface ClientStream {
  readonly scheme: 'http' | 'https';
  readonly address: string;
  /** In which it takes bodies in the form `framed`: see {@link BodyForm}. */
  readonly framing: Framing;
  /** Something of the answer was written: its head is not to be changed any more. */
  readonly begun: boolean;
  /** A client that waits to be told so is told to send its body (RFC 9110 section 10.1.1). */
  askForBody(): void;
  /** No more of the request's body is wanted for now, or it is again. */
  pauseBody(): void;
  resumeBody(): void;
  /**
   * The answer's head. It may wait for what follows it, and is replaced by another one while it does.
   * @param reason words beside the status; empty: those that are usual
   * @param headers name (lower case), value, …; nothing of the framing, and nothing that is for one hop
   * @param form of what follows
   * @param upgrade the protocol that both sides speak from now on, with status 101
   */
  head(
    status: number,
    reason: string,
    headers: readonly string[],
    form: BodyForm,
    upgrade: string | undefined,
  ): void;
  /** Of the body, in its form. @returns false when the client takes no more for now */
  data(bytes: Buffer): boolean;
  /** Payload of our own, between two pieces of a body whose length is not known. */
  insert(payload: Buffer): void;
  /** Fields that follow the body (RFC 9110 section 6.5), before {@link end}: name, value, … */
  trailers(fields: readonly string[]): void;
  /** What was told so far goes out, also if nothing follows it for a while. */
  flush(): void;
  /** The answer is whole. The request is over for the client's side. */
  end(): void;
  /** The answer cannot be made whole: the client sees that, after what was written. */
  reset(): void;
  /** No request is taken after this one, and its answer says so. */
  closeWithAnswer(): void;
  /** The connection is both sides' own from now on. */
  tunnel(server: ServerTunnel): void;
}
