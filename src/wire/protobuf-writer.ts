import { LENGTH_DELIMITED, VARINT } from './protobuf-reader.ts';

/** A field that is a number (protobuf.dev/programming-guides/encoding). */
export function numberField(field: number, value: number): Buffer {
  return Buffer.from([...varint(field * 8 + VARINT), ...varint(value)]);
}

export function textField(field: number, value: string): Buffer {
  return messageField(field, Buffer.from(value));
}

/** A field that is bytes, or a message made of the parts. */
export function messageField(field: number, ...parts: readonly Buffer[]): Buffer {
  let length = 0;
  for (const part of parts) length += part.length;
  return Buffer.concat([fieldHead(field, length), ...parts]);
}

/** What comes before the content of a length-delimited field. */
function fieldHead(field: number, length: number): Buffer {
  return Buffer.from([...varint(field * 8 + LENGTH_DELIMITED), ...varint(length)]);
}

/** How many bytes {@link fieldHead} has. */
export function headBytes(field: number, length: number): number {
  return varintBytes(field * 8 + LENGTH_DELIMITED) + varintBytes(length);
}

/** Writes {@link fieldHead} into bytes that have room for it. @returns where its content begins */
export function putFieldHead(out: Buffer, at: number, field: number, length: number): number {
  return putVarint(out, putVarint(out, at, field * 8 + LENGTH_DELIMITED), length);
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let left = value; left >= 0x80; left = Math.floor(left / 128)) bytes++;
  return bytes;
}

function putVarint(out: Buffer, from: number, value: number): number {
  let at = from;
  let left = value;
  for (; left >= 0x80; left = Math.floor(left / 128)) out[at++] = (left % 128) | 0x80;
  out[at++] = left;
  return at;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  while (left >= 0x80) {
    bytes.push((left % 128) | 0x80);
    left = Math.floor(left / 128);
  }
  bytes.push(left);
  return bytes;
}
