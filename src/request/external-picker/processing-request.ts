import { messageField, numberField, textField } from '../../wire/index.ts';

/** Members of envoy.service.ext_proc.v3.ProcessingRequest. */
const REQUEST_HEADERS = 2;
const RESPONSE_HEADERS = 3;
const REQUEST_BODY = 4;
const METADATA_CONTEXT = 8;
const PROTOCOL_CONFIG = 11;

/** ProtocolConfiguration { request_body_mode = 1 }: FULL_DUPLEX_STREAMED; the response's body is not sent (NONE, 0). */
const MODES = messageField(PROTOCOL_CONFIG, numberField(1, 4));

/** 004-endpoint-picker-protocol, "Destination endpoint served". */
const LB_NAMESPACE = 'envoy.lb';
const SERVED = 'x-gateway-destination-endpoint-served';

/** A message of a body: the Inference Extension's figure, below the 64 KiB of HTTP/2's first window. */
const CHUNK_BYTES = 62_000;

/**
 * A request as an endpoint picker is asked about it.
 * @param headers name, value, …
 * @param body undefined: it has none
 */
export function requestMessages(headers: readonly string[], body: Buffer | undefined): Buffer[] {
  const empty = body === undefined || body.length === 0;
  const messages: Buffer[] = [
    Buffer.concat([messageField(REQUEST_HEADERS, headerMap(headers), ...(empty ? [END] : [])), MODES]),
  ];
  if (empty) return messages;
  for (let from = 0; from < body.length; from += CHUNK_BYTES) {
    const chunk = messageField(1, body.subarray(from, from + CHUNK_BYTES));
    const last = from + CHUNK_BYTES >= body.length;
    messages.push(messageField(REQUEST_BODY, chunk, ...(last ? [numberField(2, 1)] : [])));
  }
  return messages;
}

/** @param served the endpoint that answered */
export function responseMessage(status: number, headers: readonly string[], served: string): Buffer {
  return Buffer.concat([
    messageField(RESPONSE_HEADERS, headerMap([':status', String(status), ...headers])),
    messageField(METADATA_CONTEXT, mapEntry(LB_NAMESPACE, mapEntry(SERVED, textField(3, served)))),
  ]);
}

/** HttpHeaders.end_of_stream */
const END = numberField(3, 1);

/** HttpHeaders { headers = 1 }, HeaderMap { headers = 1 }, HeaderValue { key = 1; raw_value = 3 }. Values are latin1. */
function headerMap(headers: readonly string[]): Buffer {
  const fields: Buffer[] = [];
  for (let i = 0; i < headers.length; i += 2)
    fields.push(
      messageField(
        1,
        textField(1, headers[i] as string),
        messageField(3, Buffer.from(headers[i + 1] as string, 'latin1')),
      ),
    );
  return messageField(1, ...fields);
}

/** An entry of a map from strings to messages, the map being field 1. */
function mapEntry(key: string, value: Buffer): Buffer {
  return messageField(1, textField(1, key), messageField(2, value));
}
