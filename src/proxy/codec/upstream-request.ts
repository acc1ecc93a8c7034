import type { BodyBytes } from './body-bytes.ts';

/** A request as it is sent to a model server, the same for every try. */
export interface UpstreamRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** name (lower case), value, …, `host` among them; nothing of the framing, and nothing that is for one hop. */
  readonly headers: readonly string[];
  /** The protocol that is asked for in place of this one (RFC 9110 section 7.8). */
  readonly upgrade: string | undefined;
  /** All of the request is known, and can be sent again. */
  readonly whole: boolean;
  /** All of its body; undefined: there is none, or it is passed on as it comes. Given up when an answer has begun. */
  body: BodyBytes | undefined;
  /** Bytes of a body that is passed on as it comes; -1: that is seen at its end. */
  readonly bodyLength: number;
  /** That the body is empty is said, where it is (RFC 9110 section 8.6). */
  readonly saysEmpty: boolean;
}
