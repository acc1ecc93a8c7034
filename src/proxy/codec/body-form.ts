/**
 * How the body of an answer comes from its model server's codec, and goes to its client's:
 *
 * - `none`: none follows the head.
 * - `unsent`: none follows, but one of a length that is not known would have (an answer to HEAD; RFC 9110 section 9.3.2).
 * - `length`: payload, as much of it as `content-length` says.
 * - `open`: payload; where it ends is seen at its end.
 * - `framed`: as `open`, but the pieces are the wire's own bytes, with their framing and with what follows the payload. Only where
 *   both codecs name the same {@link Framing}: neither then makes anything of them anew.
 */
export type BodyForm = 'none' | 'unsent' | 'length' | 'open' | 'framed';

/** Name of the way in which a protocol's codec frames a body whose length is not known; empty: none that others could read. */
export type Framing = string;

/** Is shown payload, as a range of bytes. It keeps none of them. */
export type PayloadSink = (bytes: Buffer, from: number, to: number) => void;
