export const SEQUENCE = 0x30;
export const SET = 0x31;
export const BOOLEAN = 0x01;
export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
const OBJECT_ID = 0x06;
export const UTF8_STRING = 0x0c;
const GENERALIZED_TIME = 0x18;

/** X.690: tag, length, content. */
export function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const length = body.length.toString(16);
  const octets = Buffer.from(length.length % 2 === 0 ? length : `0${length}`, 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | octets.length]), octets, body]);
}

/** @param content the object identifier's own bytes, in hex */
export function objectId(content: string): Buffer {
  return der(OBJECT_ID, Buffer.from(content, 'hex'));
}

/** YYYYMMDDHHMMSSZ */
export function time(date: Date): Buffer {
  return der(GENERALIZED_TIME, Buffer.from(date.toISOString().replace(/[-:T]|\.\d+/g, '')));
}

/** The elements in the content of one that is well-formed, each with its tag and length. */
export function elements(of: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = contentAt(of, 0); at < of.length; ) {
    const end = endOf(of, at);
    found.push(of.subarray(at, end));
    at = end;
  }
  return found;
}

/** What is between tag and length of an element, and its end. */
export function contentOf(element: Buffer): Buffer {
  return element.subarray(contentAt(element, 0));
}

function contentAt(bytes: Buffer, at: number): number {
  const length = bytes[at + 1] as number;
  return at + 2 + (length < 0x80 ? 0 : length & 0x7f);
}

function endOf(bytes: Buffer, at: number): number {
  const content = contentAt(bytes, at);
  const octets = content - at - 2;
  return content + (octets === 0 ? (bytes[at + 1] as number) : bytes.readUIntBE(at + 2, octets));
}
