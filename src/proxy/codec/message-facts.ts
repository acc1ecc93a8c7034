/** What the fields of a head say of its message, in whatever protocol it came (RFC 9110). */
export interface MessageFacts {
  /** Bytes of the content; -1: the head does not say (section 8.6). */
  readonly contentLength: number;
  /** Empty: the head does not say. */
  readonly contentType: string;
  /** Codings of the content, as they are written (section 8.4); empty: none. */
  readonly contentEncoding: string;
  /** The protocol that is asked for, or agreed to, in place of this one (section 7.8); undefined: none. */
  readonly upgrade: string | undefined;
  /** Lower-case names of fields that are for this hop alone, besides those of {@link HOP_BY_HOP} (section 7.6.1). */
  connectionNames: string[] | undefined;
}
