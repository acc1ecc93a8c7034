import { fromBinary } from '@bufbuild/protobuf';
import { StructSchema } from '@bufbuild/protobuf/wkt';
import { WireReader } from '../../wire/index.ts';

/** 004-endpoint-picker-protocol, "Destination Endpoint": the header, and the key in the metadata. */
export const DESTINATION = 'x-gateway-destination-endpoint';
const LB_NAMESPACE = 'envoy.lb';

/** A change of one header as an external processor asks for it; what it does where the header is there already, or is not. */
export interface HeaderChange {
  /** Lower case. */
  readonly name: string;
  /** latin1 */
  readonly value: string;
  readonly action: 'set' | 'append' | 'add-if-absent' | 'set-if-exists';
}

export interface HeaderChanges {
  readonly set: readonly HeaderChange[];
  readonly remove: readonly string[];
}

/** What an answer does with the body. */
export type BodyChange =
  | { readonly kind: 'none' }
  | { readonly kind: 'whole'; readonly body: Buffer }
  /** FULL_DUPLEX_STREAMED: a piece of the body that goes on. */
  | { readonly kind: 'piece'; readonly body: Buffer; readonly end: boolean };

/** What is read of an envoy.service.ext_proc.v3.ProcessingResponse. */
export type PickerAnswer = { readonly skipResponse: boolean; readonly destination: string | undefined } & (
  | {
      readonly kind: 'request-headers' | 'request-body';
      readonly headers: HeaderChanges;
      readonly body: BodyChange;
      /** CommonResponse.CONTINUE_AND_REPLACE: nothing of the request is asked about any more. */
      readonly replace: boolean;
    }
  | {
      readonly kind: 'immediate';
      readonly status: number;
      readonly headers: HeaderChanges;
      readonly body: Buffer;
    }
  | { readonly kind: 'response-headers'; readonly headers: HeaderChanges }
  /** Of trailers and bodies of the response. */
  | { readonly kind: 'other' }
);

/** Members of ProcessingResponse. */
const REQUEST_HEADERS = 1;
const RESPONSE_HEADERS = 2;
const REQUEST_BODY = 3;
const IMMEDIATE_RESPONSE = 7;
const DYNAMIC_METADATA = 8;
const MODE_OVERRIDE = 9;

/** ProcessingMode.HeaderSendMode */
const SKIP = 2;

const NO_CHANGES: HeaderChanges = { set: [], remove: [] };
const NO_BODY: BodyChange = { kind: 'none' };

/** @throws Error for bytes that are no ProcessingResponse */
export function decodeAnswer(bytes: Buffer): PickerAnswer {
  const reader = new WireReader(bytes);
  let kind = 0;
  let content: WireReader | undefined;
  let destination: string | undefined;
  let skipResponse = false;
  while (reader.next()) {
    const { field } = reader;
    if (field >= REQUEST_HEADERS && field <= IMMEDIATE_RESPONSE) {
      kind = field;
      content = reader.inside();
    } else if (field === DYNAMIC_METADATA) destination = destinationIn(reader.bytes());
    else if (field === MODE_OVERRIDE) skipResponse = skipsResponse(reader.inside());
    else reader.skip();
  }
  const common = { destination, skipResponse };
  if (content === undefined) throw new Error('it answers nothing');
  if (kind === IMMEDIATE_RESPONSE) return { ...common, kind: 'immediate', ...immediate(content) };
  if (kind === RESPONSE_HEADERS)
    return { ...common, kind: 'response-headers', headers: commonResponse(content).headers };
  if (kind !== REQUEST_HEADERS && kind !== REQUEST_BODY) return { ...common, kind: 'other' };
  const name = kind === REQUEST_HEADERS ? 'request-headers' : 'request-body';
  return { ...common, kind: name, ...commonResponse(content) };
}

/** HeadersResponse and BodyResponse { response = 1 }; CommonResponse { status = 1; header_mutation = 2; body_mutation = 3 } */
function commonResponse(reader: WireReader) {
  let headers = NO_CHANGES;
  let body = NO_BODY;
  let replace = false;
  while (reader.next()) {
    if (reader.field !== 1) {
      reader.skip();
      continue;
    }
    const common = reader.inside();
    while (common.next()) {
      if (common.field === 1) replace = common.varint() === 1;
      else if (common.field === 2) headers = headerMutation(common.inside());
      else if (common.field === 3) body = bodyMutation(common.inside());
      else common.skip();
    }
  }
  return { headers, body, replace };
}

/** BodyMutation { body = 1; clear_body = 2; streamed_response = 3 } */
function bodyMutation(reader: WireReader): BodyChange {
  let change = NO_BODY;
  while (reader.next()) {
    if (reader.field === 1) change = { kind: 'whole', body: reader.bytes() };
    else if (reader.field === 2) change = reader.bool() ? { kind: 'whole', body: EMPTY } : change;
    else if (reader.field === 3) change = streamedBody(reader.inside());
    else reader.skip();
  }
  return change;
}

const EMPTY: Buffer = Buffer.alloc(0);

/** StreamedBodyResponse { body = 1; end_of_stream = 2 } */
function streamedBody(reader: WireReader): BodyChange {
  let body = EMPTY;
  let end = false;
  while (reader.next()) {
    if (reader.field === 1) body = reader.bytes();
    else if (reader.field === 2) end = reader.bool();
    else reader.skip();
  }
  return { kind: 'piece', body, end };
}

/** HeaderMutation { set_headers = 1; remove_headers = 2 } */
function headerMutation(reader: WireReader): HeaderChanges {
  const set: HeaderChange[] = [];
  const remove: string[] = [];
  while (reader.next()) {
    if (reader.field === 1) set.push(headerOption(reader.inside()));
    else if (reader.field === 2) remove.push(reader.text().toLowerCase());
    else reader.skip();
  }
  return { set, remove };
}

/** HeaderAppendAction by number. Its default, 0, overwrites for an external processor unless `append` says otherwise. */
const ACTIONS = ['set', 'add-if-absent', 'set', 'set-if-exists'] as const;

/** HeaderValueOption { header = 1; append = 2; append_action = 3 }, BoolValue { value = 1 } */
function headerOption(reader: WireReader): HeaderChange {
  let header = { name: '', value: '' };
  let append = false;
  let action: HeaderChange['action'] = 'set';
  while (reader.next()) {
    if (reader.field === 1) header = headerValue(reader.inside());
    else if (reader.field === 2) {
      const wrapped = reader.inside();
      while (wrapped.next()) append = wrapped.bool();
    } else if (reader.field === 3) action = ACTIONS[reader.varint()] ?? 'set';
    else reader.skip();
  }
  return { ...header, action: append ? 'append' : action };
}

/** HeaderValue { key = 1; value = 2; raw_value = 3 } */
function headerValue(reader: WireReader): { name: string; value: string } {
  let name = '';
  let value = '';
  while (reader.next()) {
    if (reader.field === 1) name = reader.text().toLowerCase();
    else if (reader.field === 2 || reader.field === 3) value = reader.bytes().toString('latin1') || value;
    else reader.skip();
  }
  return { name, value };
}

/** ImmediateResponse { status = 1 { code = 1 }; headers = 2; body = 3 } */
function immediate(reader: WireReader) {
  let status = 200;
  let headers = NO_CHANGES;
  let body = EMPTY;
  while (reader.next()) {
    if (reader.field === 1) {
      const inner = reader.inside();
      while (inner.next())
        if (inner.field === 1) status = inner.varint();
        else inner.skip();
    } else if (reader.field === 2) headers = headerMutation(reader.inside());
    else if (reader.field === 3) body = reader.bytes();
    else reader.skip();
  }
  return { status, headers, body };
}

/** google.protobuf.Struct */
function destinationIn(metadata: Buffer): string | undefined {
  if (!metadata.includes(DESTINATION)) return undefined;
  const { fields } = fromBinary(StructSchema, metadata);
  const namespace = fields[LB_NAMESPACE]?.kind;
  const value = namespace?.case === 'structValue' ? namespace.value.fields[DESTINATION]?.kind : undefined;
  return value?.case === 'stringValue' ? value.value : undefined;
}

/** ProcessingMode { response_header_mode = 2 } */
function skipsResponse(reader: WireReader): boolean {
  let skips = false;
  while (reader.next()) {
    if (reader.field === 2) skips = reader.varint() === SKIP;
    else reader.skip();
  }
  return skips;
}
