import type { HeaderMutation } from '../../../plan/index.ts';
import type { LocalReply } from '../../../request/index.ts';
import { headBytes, messageField, numberField, putFieldHead, textField } from '../../../wire/index.ts';
import type { Phase, PickedReply, PickerReply } from '../message.ts';

/** 004-endpoint-picker-protocol, "Destination Endpoint": the header, and the key in the metadata. */
const DESTINATION = 'x-gateway-destination-endpoint';
const METADATA_NAMESPACE = 'envoy.lb';

/** Members of envoy.service.ext_proc.v3.ProcessingResponse by what they answer. */
const RESPONSE_FIELDS: Readonly<Record<Phase, number>> = {
  'request-headers': 1,
  'response-headers': 2,
  'request-body': 3,
  'response-body': 4,
  'request-trailers': 5,
  'response-trailers': 6,
};
const IMMEDIATE_RESPONSE = 7;
const DYNAMIC_METADATA = 8;
const MODE_OVERRIDE = 9;
const OVERRIDE_MESSAGE_TIMEOUT = 10;

/** ProcessingMode { response_body_mode = 4: STREAMED; response_trailer_mode = 6: SEND } */
const SHOW_BODY = messageField(MODE_OVERRIDE, numberField(4, 1), numberField(6, 1));

/** For Envoy's router alone, in addition to the route's policy; it takes the header away. */
const RETRIED_ON_RESET = ['x-envoy-retry-on', 'reset'] as const;

/** HeaderAppendAction: what a client or an earlier filter has set does not stay. */
const OVERWRITE_IF_EXISTS_OR_ADD = 2;
const APPEND_IF_EXISTS_OR_ADD = 0;
/** HeaderValueOption.append, a BoolValue: without it an external processor's default is to overwrite. */
const APPEND = messageField(2, numberField(1, 1));

/** CommonResponse of HeadersResponse and BodyResponse. */
const COMMON_RESPONSE = 1;
const HEADER_MUTATION = 2;
const BODY_MUTATION = 3;
const CLEAR_ROUTE_CACHE = 5;

/** The ProcessingResponse as bytes. */
export function encodeReply(reply: PickerReply): Buffer {
  switch (reply.kind) {
    case 'more-time':
      // google.protobuf.Duration { seconds = 1 }
      return messageField(OVERRIDE_MESSAGE_TIMEOUT, numberField(1, Math.ceil(reply.ms / 1000)));
    case 'continue':
      return CONTINUES[reply.phase];
    case 'picked':
      return reply.body === undefined && reply.contentLength === undefined && reply.changes === undefined
        ? plainPick(reply)
        : pick(reply);
    case 'body':
      return streamedBody(RESPONSE_FIELDS[reply.phase], reply.body, reply.endOfStream);
    case 'request-described':
      return messageField(
        RESPONSE_FIELDS['request-body'],
        messageField(
          COMMON_RESPONSE,
          messageField(HEADER_MUTATION, ...setHeaders(reply.set)),
          numberField(CLEAR_ROUTE_CACHE, 1),
        ),
      );
    case 'response-headers':
      return Buffer.concat([
        messageField(
          RESPONSE_FIELDS['response-headers'],
          messageField(
            COMMON_RESPONSE,
            messageField(
              HEADER_MUTATION,
              ...(reply.changes === undefined ? [] : headerChanges(reply.changes)),
              ...setHeaders(reply.set),
            ),
          ),
        ),
        reply.showBody === true ? SHOW_BODY : EMPTY,
      ]);
    case 'immediate':
      return immediate(reply.reply, reply.extra);
  }
}

const CONTINUES = Object.fromEntries(
  Object.entries(RESPONSE_FIELDS).map(([phase, field]) => [phase, messageField(field)]),
) as Readonly<Record<Phase, Buffer>>;

/** Pools have few endpoints: most picks are answered with bytes that were made before. */
const MAX_PLAIN_PICKS = 4096;
/** By destination; a map for each of the ways in which one is told. */
const plainPicks = Array.from({ length: 8 }, () => new Map<string, Buffer>());

function plainPick(reply: PickedReply): Buffer {
  const way =
    (reply.phase === 'request-headers' ? 1 : 0) |
    (reply.clearRouteCache ? 2 : 0) |
    (reply.repeatable === true ? 4 : 0);
  const known = plainPicks[way] as Map<string, Buffer>;
  const bytes = known.get(reply.destination);
  if (bytes !== undefined) return bytes;
  if (known.size >= MAX_PLAIN_PICKS) known.clear();
  const made = pick(reply);
  known.set(reply.destination, made);
  return made;
}

function pick(reply: PickedReply): Buffer {
  const { phase, destination, clearRouteCache, repeatable, contentLength, body, changes } = reply;
  const set = [DESTINATION, destination];
  if (repeatable === true) set.push(...RETRIED_ON_RESET);
  if (contentLength !== undefined) set.push('content-length', String(contentLength));
  const mutation = [...setHeaders(set), ...(changes === undefined ? [] : headerChanges(changes))];
  const common = [messageField(HEADER_MUTATION, ...mutation)];
  if (body !== undefined) common.push(messageField(BODY_MUTATION, messageField(1, body)));
  if (clearRouteCache) common.push(numberField(CLEAR_ROUTE_CACHE, 1));
  return Buffer.concat([
    messageField(RESPONSE_FIELDS[phase], messageField(COMMON_RESPONSE, ...common)),
    messageField(
      DYNAMIC_METADATA,
      structField(METADATA_NAMESPACE, messageField(5, structField(DESTINATION, textField(3, destination)))),
    ),
  ]);
}

/** google.protobuf.Struct { map<string, Value> fields = 1 }: an entry. @param value a member of google.protobuf.Value */
function structField(key: string, value: Buffer): Buffer {
  return messageField(1, textField(1, key), messageField(2, value));
}

function headerChanges({ set, add, remove }: HeaderMutation): Buffer[] {
  return [
    ...setHeaders(set.flatMap(({ name, value }) => [name, value])),
    ...setHeaders(
      add.flatMap(({ name, value }) => [name, value]),
      APPEND_IF_EXISTS_OR_ADD,
    ),
    ...remove.map(name => textField(2, name)),
  ];
}

/** @param headers name, value, … */
function setHeaders(headers: readonly string[], action = OVERWRITE_IF_EXISTS_OR_ADD): Buffer[] {
  const options: Buffer[] = [];
  for (let i = 0; i < headers.length; i += 2)
    options.push(
      messageField(
        1,
        messageField(1, textField(1, headers[i] as string), textField(3, headers[i + 1] as string)),
        ...(action === APPEND_IF_EXISTS_OR_ADD ? [APPEND] : [numberField(3, action)]),
      ),
    );
  return options;
}

/** BodyResponse with BodyMutation.streamed_response, in bytes that are made once: its body is copied into them. */
function streamedBody(field: number, body: Buffer, endOfStream: boolean): Buffer {
  const head = body.length === 0 ? 0 : headBytes(1, body.length);
  const streamed = head + body.length + (endOfStream ? END_OF_STREAM.length : 0);
  const mutation = headBytes(3, streamed) + streamed;
  const common = headBytes(BODY_MUTATION, mutation) + mutation;
  const response = headBytes(COMMON_RESPONSE, common) + common;
  const out = Buffer.allocUnsafe(headBytes(field, response) + response);
  let at = putFieldHead(out, 0, field, response);
  at = putFieldHead(out, at, COMMON_RESPONSE, common);
  at = putFieldHead(out, at, BODY_MUTATION, mutation);
  at = putFieldHead(out, at, 3, streamed);
  if (head > 0) {
    at = putFieldHead(out, at, 1, body.length);
    at += body.copy(out, at);
  }
  if (endOfStream) END_OF_STREAM.copy(out, at);
  return out;
}

const EMPTY = Buffer.alloc(0);
/** StreamedBodyResponse.end_of_stream */
const END_OF_STREAM = numberField(2, 1);

/** ImmediateResponse { status = 1 { code = 1 }; headers = 2; body = 3; details = 5 } */
function immediate({ status, headers, body }: LocalReply, extra: readonly string[]): Buffer {
  return messageField(
    IMMEDIATE_RESPONSE,
    messageField(1, numberField(1, status)),
    messageField(2, ...setHeaders([...headers, ...extra])),
    textField(3, body),
    textField(5, 'breakwater'),
  );
}
