import type { UpstreamConnection } from '../http1/upstream/connection.ts';

/** The client's side of one request. */
export interface ClientSide {
  readonly scheme: 'http' | 'https';
  readonly address: string;
  /** The connection is to be closed after this response. */
  readonly closing: boolean;
  /** @returns false when the client takes no more for now; strings are latin1 */
  write(data: string | Buffer): boolean;
  /** No more of the request's body is wanted for now, or it is again. */
  pauseBody(): void;
  resumeBody(): void;
  /** The response is whole. */
  done(): void;
  /** No request is taken after this one, and its answer says so. */
  closeWithAnswer(): void;
  /** The response cannot be made whole: the connection is closed after what was written. */
  breakOff(): void;
  tunnel(connection: UpstreamConnection, rest: Buffer | undefined): void;
}
