/** QTYPE, RFC 1035 section 3.2.2. */
export const A = 1;
const CNAME = 5;
const IN = 1;
/** RCODE, RFC 1035 section 4.1.1. */
const NOT_IMPLEMENTED = 4;
const NAME_ERROR = 3;
const HEADER_BYTES = 12;
/** RFC 1035 section 4.2.1: what a message over UDP may be. */
export const UDP_BYTES = 512;
/** Seconds; things change quickly here. */
const TTL = 1;

export interface Question {
  readonly name: string;
  readonly type: number;
}

export type Answer =
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] }
  | { readonly kind: 'alias'; readonly name: string }
  | { readonly kind: 'unknown' };

/**
 * The answer to a query (RFC 1035 section 4); undefined: it is none.
 * @param resolve of one question, in lower case, without the last dot
 * @param limitBytes what is longer is marked as truncated: the client asks again over TCP
 */
export function answerTo(
  query: Buffer,
  resolve: (question: Question) => Answer,
  limitBytes = Number.POSITIVE_INFINITY,
): Buffer | undefined {
  const isQuery = query.length > HEADER_BYTES && (query[2]! & 0x80) === 0;
  if (!isQuery || query.readUInt16BE(4) !== 1) return undefined;
  const end = endOfName(query, HEADER_BYTES);
  if (end === undefined || end + 4 > query.length) return undefined;
  const question = query.subarray(HEADER_BYTES, end + 4);
  const type = query.readUInt16BE(end);
  if ((query[2]! & 0x78) !== 0) return message(query, question, [], NOT_IMPLEMENTED);
  const answer = resolve({ name: nameAt(query), type });
  if (answer.kind === 'unknown') return message(query, question, [], NAME_ERROR);
  const records =
    answer.kind === 'alias'
      ? [record(CNAME, encoded(answer.name))]
      : answer.addresses.map(address => record(A, Buffer.from(address.split('.').map(Number))));
  const whole = message(query, question, records, 0);
  return whole.length <= limitBytes ? whole : message(query, question, [], 0, true);
}

function message(
  query: Buffer,
  question: Buffer,
  records: readonly Buffer[],
  code: number,
  isTruncated = false,
): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  query.copy(header, 0, 0, 2);
  // QR, AA; the opcode and RD as they were asked; RA.
  header[2] = 0x84 | (query[2]! & 0x79) | (isTruncated ? 2 : 0);
  header[3] = 0x80 | code;
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, question, ...records]);
}

/** Of the name that was asked for: a pointer to it (RFC 1035 section 4.1.4). */
function record(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc000 | HEADER_BYTES, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(IN, 4);
  head.writeUInt32BE(TTL, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function endOfName(query: Buffer, start: number): number | undefined {
  for (let at = start; at < query.length; ) {
    const length = query[at]!;
    if (length === 0) return at + 1;
    // A question has no pointers: nothing stands before it.
    if (length > 63) return undefined;
    at += 1 + length;
  }
  return undefined;
}

function nameAt(query: Buffer): string {
  const labels = [];
  for (let at = HEADER_BYTES; query[at] !== 0; at += 1 + query[at]!)
    labels.push(query.toString('latin1', at + 1, at + 1 + query[at]!));
  return labels.join('.').toLowerCase();
}

function encoded(name: string): Buffer {
  const labels = name.replace(/\.$/, '').split('.');
  return Buffer.concat([
    ...labels.flatMap(label => [Buffer.of(label.length), Buffer.from(label, 'latin1')]),
    Buffer.of(0),
  ]);
}
