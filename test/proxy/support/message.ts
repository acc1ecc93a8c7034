import type { Wire } from './wire.ts';

/** A head as it came. */
export interface Head {
  /** Request line or status line. */
  readonly line: string;
  /** Field lines as they came: name in lower case, value. */
  readonly fields: readonly (readonly [string, string])[];
}

export interface Message extends Head {
  readonly body: string;
  /** Sizes of the chunks, where it came in chunks. */
  readonly chunks: readonly number[];
  /** Trailer lines as they came. */
  readonly trailers: readonly string[];
}

export interface Response extends Message {
  readonly status: number;
}

export async function readHead(wire: Wire): Promise<Head> {
  const [line = '', ...lines] = (await wire.readUntil('\r\n\r\n')).slice(0, -4).split('\r\n');
  const fields = lines.map(text => {
    const colon = text.indexOf(':');
    return [text.slice(0, colon).toLowerCase(), text.slice(colon + 1).trim()] as const;
  });
  return { line, fields };
}

/** Values of all fields of that name, joined as RFC 9110 section 5.3 has it; undefined when there is none. */
export function field(head: Head, name: string): string | undefined {
  const values = head.fields.filter(([n]) => n === name).map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(', ');
}

/** @throws WireEnded when the connection ends before the body is whole */
export async function readBody(wire: Wire, head: Head): Promise<Message> {
  if (field(head, 'transfer-encoding') !== undefined) return { ...head, ...(await readChunks(wire)) };
  const length = Number(field(head, 'content-length') ?? 0);
  return { ...head, body: (await wire.read(length)).toString('latin1'), chunks: [], trailers: [] };
}

export async function readChunk(wire: Wire): Promise<string> {
  const size = Number.parseInt(await wire.readUntil('\r\n'), 16);
  if (size === 0) return '';
  return (await wire.read(size + 2)).toString('latin1', 0, size);
}

async function readChunks(wire: Wire): Promise<Pick<Message, 'body' | 'chunks' | 'trailers'>> {
  const parts: string[] = [];
  for (let part = await readChunk(wire); part !== ''; part = await readChunk(wire)) parts.push(part);
  const trailers: string[] = [];
  for (let line = await wire.readUntil('\r\n'); line !== '\r\n'; line = await wire.readUntil('\r\n')) {
    trailers.push(line.slice(0, -2));
  }
  return { body: parts.join(''), chunks: parts.map(part => part.length), trailers };
}

/** @param bodiless for the answer to HEAD */
export async function readResponse(wire: Wire, bodiless = false): Promise<Response> {
  const head = await readHead(wire);
  const status = Number(head.line.split(' ')[1]);
  const none = bodiless || status < 200 || status === 204 || status === 304;
  const message = none ? { ...head, body: '', chunks: [], trailers: [] } : await readBody(wire, head);
  return { ...message, status };
}
