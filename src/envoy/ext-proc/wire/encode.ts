import type { HeaderMutation } from '../../../plan/index.ts';
import type { LocalReply } from '../../../request/index.ts';
import { messageField, numberField, textField } from '../../../wire/index.ts';
import type { PickedReply, PickerReply } from '../message.ts';
import { BODY_MUTATION, COMMON_RESPONSE, RESPONSE_FIELDS } from './response-fields.ts';
import { streamedBody } from './streamed-body-response.ts';

/** 004-endpoint-picker-protocol, "Destination Endpoint": the header, and the key in the metadata. */
const DESTINATION = 'x-gateway-destination-endpoint';
const METADATA_NAMESPACE = 'envoy.lb';

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

const HEADER_MUTATION = 2;
const CLEAR_ROUTE_CACHE = 5;

/** The ProcessingResponse as bytes. */
export function encodeReply(reply: PickerReply): Buffer {
  switch (reply.kind) {
    case 'more-time':
      // google.protobuf.Duration { seconds = 1 }
      return messageField(OVERRIDE_MESSAGE_TIMEOUT, numberField(1, Math.ceil(reply.ms / 1000)));
    case 'continue':
      return messageField(RESPONSE_FIELDS[reply.phase]);
    case 'picked':
      return pick(reply);
    case 'body':
      return streamedBody(reply);
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

const EMPTY = Buffer.alloc(0);

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
