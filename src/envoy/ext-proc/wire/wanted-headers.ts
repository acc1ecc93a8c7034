import { cutText } from '../../../kernel/index.ts';
import { isOperator } from '../../../plan/index.ts';
import { OBJECTIVE } from '../../../request/index.ts';
import type { WireReader } from '../../../wire/index.ts';
import { RecurringHeader } from './recurring-header.ts';

/**
 * By it our own Envoy says who its client is: an address, or {@link OPERATOR} where everybody is one. Whatever a client puts there is
 * overwritten (see connection-manager.ts).
 */
export const OPERATOR_HEADER = 'x-breakwater-client';
export const OPERATOR = 'operator';

/** What is looked for in the headers of a request or a response; see RequestHeaders and ResponseHeaders. */
export class WantedHeaders {
  method = '';
  requestId = '';
  target = '';
  contentType = '';
  contentEncoding = '';
  contentLength = -1;
  objective = '';
  explain = false;
  operator = false;
  upgrade = false;
  status = 0;
  endOfStream = false;
}

/** HttpHeaders { headers = 1; end_of_stream = 3 }, HeaderMap { headers = 1 } */
export function readHeaders(reader: WireReader): WantedHeaders {
  const found = new WantedHeaders();
  while (reader.next()) {
    if (reader.field === 1) {
      const message = reader.enter();
      while (reader.next()) {
        if (reader.field === 1) {
          const map = reader.enter();
          readHeader(reader, found);
          reader.leave(map);
        } else reader.skip();
      }
      reader.leave(message);
    } else if (reader.field === 3) found.endOfStream = reader.bool();
    else reader.skip();
  }
  return found;
}

/** HeaderValue { key = 1; value = 2; raw_value = 3 }; Envoy sends raw_value (envoy.reloadable_features.send_header_raw_value). */
function readHeader(reader: WireReader, found: WantedHeaders): void {
  let header: Header | undefined;
  while (reader.next()) {
    if (reader.field === 1) {
      reader.pass();
      header = headerAt(reader.buffer, reader.from, reader.to);
    } else if (header !== undefined && (reader.field === 2 || reader.field === 3)) {
      reader.pass();
      const { buffer, from, to } = reader;
      if (from < to || header.mayBeEmpty) header.take(found, buffer, from, to);
    } else reader.skip();
  }
}

/** One header that is looked for. */
interface Header {
  readonly name: Buffer;
  /** What counts is that it is there. */
  readonly mayBeEmpty: boolean;
  readonly take: (found: WantedHeaders, bytes: Buffer, from: number, to: number) => void;
}

const method = new RecurringHeader();
const target = new RecurringHeader();
const contentType = new RecurringHeader();

const BY_LENGTH: Header[][] = [];

function wanted(name: string, take: Header['take'], mayBeEmpty = false): void {
  const same = BY_LENGTH[name.length] ?? [];
  BY_LENGTH[name.length] = same;
  same.push({ name: Buffer.from(name), mayBeEmpty, take });
}

wanted('x-request-id', (found, bytes, from, to) => {
  found.requestId = cutText(bytes.toString('utf8', from, to));
});
wanted(':method', (found, bytes, from, to) => {
  found.method = method.text(bytes, from, to);
});
wanted('upgrade', found => {
  found.upgrade = true;
});
wanted(':status', (found, bytes, from, to) => {
  found.status = Math.max(0, wholeNumber(bytes, from, to));
});
wanted('content-length', (found, bytes, from, to) => {
  found.contentLength = wholeNumber(bytes, from, to);
});
wanted(':path', (found, bytes, from, to) => {
  found.target = target.text(bytes, from, to);
});
wanted('content-type', (found, bytes, from, to) => {
  found.contentType = contentType.text(bytes, from, to);
});
wanted('content-encoding', (found, bytes, from, to) => {
  found.contentEncoding = bytes.toString('utf8', from, to);
});
wanted(OBJECTIVE, (found, bytes, from, to) => {
  found.objective = bytes.toString('utf8', from, to);
});
wanted(
  'x-breakwater-explain',
  found => {
    found.explain = true;
  },
  true,
);
wanted(OPERATOR_HEADER, (found, bytes, from, to) => {
  const value = bytes.toString('utf8', from, to);
  found.operator = value === OPERATOR || isOperator(undefined, value);
});

/** By its name, which is compared where it stands: a text of each of them would cost more than all else that is done with it. */
function headerAt(bytes: Buffer, from: number, to: number): Header | undefined {
  const same = BY_LENGTH[to - from];
  if (same === undefined) return undefined;
  for (let i = 0; i < same.length; i++) {
    const header = same[i] as Header;
    if (standsAt(bytes, from, header.name)) return header;
  }
  return undefined;
}

function standsAt(bytes: Buffer, from: number, name: Buffer): boolean {
  for (let i = 0; i < name.length; i++) if (bytes[from + i] !== name[i]) return false;
  return true;
}

/** @returns -1 for what is none, or beyond those that are exact */
function wholeNumber(bytes: Buffer, from: number, to: number): number {
  let number = 0;
  for (let at = from; at < to; at++) {
    const digit = (bytes[at] as number) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number <= Number.MAX_SAFE_INTEGER ? number : -1;
}
