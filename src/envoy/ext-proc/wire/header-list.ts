import { WireReader } from '../../../wire/index.ts';

export const REQUEST_HEADERS = 2;
export const RESPONSE_HEADERS = 3;

/**
 * All headers of a ProcessingRequest: name, value (latin1), … For those few that go on to another picker.
 * ProcessingRequest { request_headers = 2; response_headers = 3 }, HttpHeaders { headers = 1 }, HeaderMap { headers = 1 },
 * HeaderValue { key = 1; value = 2; raw_value = 3 }
 */
export function headerList(message: Buffer, of: number): string[] {
  const list: string[] = [];
  const reader = new WireReader(message);
  while (reader.next()) {
    if (reader.field === of) httpHeaders(reader.inside(), list);
    else reader.skip();
  }
  return list;
}

function httpHeaders(reader: WireReader, list: string[]): void {
  while (reader.next()) {
    if (reader.field !== 1) {
      reader.skip();
      continue;
    }
    const map = reader.inside();
    while (map.next())
      if (map.field === 1) header(map.inside(), list);
      else map.skip();
  }
}

function header(reader: WireReader, list: string[]): void {
  let name = '';
  let value = '';
  while (reader.next()) {
    if (reader.field === 1) name = reader.text();
    else if (reader.field === 2 || reader.field === 3) value = reader.bytes().toString('latin1') || value;
    else reader.skip();
  }
  list.push(name, value);
}
