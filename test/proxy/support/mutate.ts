import fc from 'fast-check';

/** Pieces that mean something to a parser of HTTP/1.1. */
const PIECES = [
  '\r\n',
  '\n',
  '\r',
  ' ',
  '\t',
  ':',
  ';',
  ',',
  '0',
  '1',
  'f',
  '-',
  '+',
  '\0',
  '\x7f',
  '\xff',
  '\r\n\r\n',
  '0\r\n\r\n',
  'content-length: 3\r\n',
  'Transfer-Encoding: chunked\r\n',
  'host: b\r\n',
  'connection: close\r\n',
  'expect: 100-continue\r\n',
  'HTTP/1.1',
  'GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n',
];

interface Edit {
  /** Where, of the length: 0..1. */
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

/** A few edits of a message. */
export const edits: fc.Arbitrary<readonly Edit[]> = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    remove: fc.nat(3),
    insert: fc.constantFrom('', ...PIECES),
  }),
  { minLength: 1, maxLength: 3 },
);

export function mutate(text: string, changes: readonly Edit[]): string {
  let result = text;
  for (const { at, remove, insert } of changes) {
    const from = Math.floor(at * result.length);
    result = result.slice(0, from) + insert + result.slice(from + remove);
  }
  return result;
}
