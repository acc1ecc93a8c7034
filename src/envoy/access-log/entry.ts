import { keptText } from '../../kernel/index.ts';
import type { EnvoyReport } from '../../request/index.ts';
import { VARINT, WireReader } from '../../wire/index.ts';
import type { ResponseFlag } from '../response-flags.ts';
import { RESPONSE_FLAGS, VIA_UPSTREAM } from '../response-flags.ts';

/** What is read of an envoy.data.accesslog.v3.HTTPAccessLogEntry: one request that has ended. */
export interface AccessLogEntry {
  /** `x-request-id`; '' without one. */
  requestId: string;
  /** Cluster.name; '' where no endpoint was asked. */
  cluster: string;
  readonly report: Report;
}

/** As it is read, field by field. */
type Report = { -readonly [Field in keyof EnvoyReport]: EnvoyReport[Field] };

/**
 * Requests of an envoy.service.accesslog.v3.StreamAccessLogsMessage. By hand: entries have twenty times what is read.
 * StreamAccessLogsMessage { http_logs = 2 { log_entry = 1 } }
 * @throws Error for bytes that are none
 */
export function readEntries(bytes: Buffer, take: (entry: AccessLogEntry) => void): void {
  const message = new WireReader(bytes);
  while (message.next()) {
    if (message.field !== 2) {
      message.skip();
      continue;
    }
    const entries = message.inside();
    while (entries.next())
      if (entries.field === 1) take(entryIn(entries.inside()));
      else entries.skip();
  }
}

/** HTTPAccessLogEntry { common_properties = 1; request = 3; response = 4 } */
function entryIn(reader: WireReader): AccessLogEntry {
  const report: Report = {
    upstream: undefined,
    status: 0,
    flags: NO_FLAGS,
    details: '',
    durationMs: 0,
    firstByteMs: undefined,
    requestBytes: 0,
    responseBytes: 0,
    attempts: 0,
    failure: undefined,
  };
  const entry: AccessLogEntry = { requestId: '', cluster: '', report };
  while (reader.next()) {
    if (reader.field === 1) common(reader.inside(), entry);
    else if (reader.field === 3) request(reader.inside(), entry);
    else if (reader.field === 4) response(reader.inside(), entry);
    else reader.skip();
  }
  return entry;
}

const NO_FLAGS: readonly ResponseFlag[] = [];

/** AccessLogCommon */
function common(reader: WireReader, entry: AccessLogEntry): void {
  while (reader.next()) {
    switch (reader.field) {
      case 9:
        entry.report.firstByteMs = durationMs(reader.inside());
        break;
      case 13:
        entry.report.upstream = address(reader.inside());
        break;
      case 15:
        entry.cluster = reader.text();
        break;
      case 16:
        entry.report.flags = flags(reader.inside());
        break;
      case 18:
        entry.report.failure = reader.text() || undefined;
        break;
      case 23:
        entry.report.durationMs = durationMs(reader.inside());
        break;
      case 24:
        entry.report.attempts = number(reader);
        break;
      default:
        reader.skip();
    }
  }
}

/** HTTPRequestProperties { request_id = 9; request_body_bytes = 12 } */
function request(reader: WireReader, entry: AccessLogEntry): void {
  while (reader.next()) {
    if (reader.field === 9) entry.requestId = keptText(reader.text());
    else if (reader.field === 12) entry.report.requestBytes = number(reader);
    else reader.skip();
  }
}

/** HTTPResponseProperties { response_code = 1; response_body_bytes = 3; response_code_details = 6 }, UInt32Value { value = 1 } */
function response(reader: WireReader, entry: AccessLogEntry): void {
  while (reader.next()) {
    if (reader.field === 1) entry.report.status = wrapped(reader.inside());
    else if (reader.field === 3) entry.report.responseBytes = number(reader);
    // Of nearly all answers: no text of its own for each.
    else if (reader.field === 6) entry.report.details = interned(reader.text());
    else reader.skip();
  }
}

function interned(details: string): string {
  return details === VIA_UPSTREAM ? VIA_UPSTREAM : details;
}

function wrapped(reader: WireReader): number {
  let value = 0;
  while (reader.next())
    if (reader.field === 1) value = number(reader);
    else reader.skip();
  return value;
}

/** google.protobuf.Duration { seconds = 1; nanos = 2 } */
function durationMs(reader: WireReader): number {
  let ms = 0;
  while (reader.next()) {
    if (reader.field === 1) ms += number(reader) * 1000;
    else if (reader.field === 2) ms += number(reader) / 1e6;
    else reader.skip();
  }
  return ms;
}

/** Address { socket_address = 1 }, SocketAddress { address = 2; port_value = 3 } */
function address(reader: WireReader): string | undefined {
  let host = '';
  let port = 0;
  while (reader.next()) {
    if (reader.field !== 1) {
      reader.skip();
      continue;
    }
    const socket = reader.inside();
    while (socket.next()) {
      if (socket.field === 2) host = socket.text();
      else if (socket.field === 3) port = number(socket);
      else socket.skip();
    }
  }
  if (host === '') return undefined;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** ResponseFlags: the number of a field is one more than that of the flag's bit, but for those that came late. */
function flags(reader: WireReader): ResponseFlag[] {
  const found: ResponseFlag[] = [];
  while (reader.next()) {
    const { field } = reader;
    // UAEX is a message with its reason.
    const isSet = reader.wireType === VARINT ? reader.varint() !== 0 : field === UNAUTHORIZED;
    if (reader.wireType !== VARINT) reader.skip();
    const flag = field === DOWNSTREAM_REMOTE_RESET ? 'DR' : RESPONSE_FLAGS[field - 1];
    if (isSet && flag !== undefined && field <= DOWNSTREAM_REMOTE_RESET) found.push(flag);
  }
  return found;
}

const UNAUTHORIZED = 13;
const DOWNSTREAM_REMOTE_RESET = 28;

function number(reader: WireReader): number {
  if (reader.wireType === VARINT) return reader.varint();
  reader.skip();
  return 0;
}
