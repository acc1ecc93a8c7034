import { fromBinary, type JsonObject } from '@bufbuild/protobuf';
import { LENGTH_DELIMITED, WireReader } from '../../../wire/index.ts';
import { MetadataSchema } from '../../gen/envoy/config/core/v3/base_pb.ts';
import {
  BODY_MODES,
  type BodyMode,
  type BodyModes,
  type BodyPart,
  DEFAULT_BODY_MODES,
  type ProxyMessage,
} from '../message.ts';
import type { Outcome } from '../outcome.ts';
import { outcomeIn } from './attributes.ts';
import { readHeaders } from './wanted-headers.ts';

/** Field numbers of envoy.service.ext_proc.v3.ProcessingRequest. */
const REQUEST_HEADERS = 2;
const RESPONSE_HEADERS = 3;
const REQUEST_BODY = 4;
const RESPONSE_BODY = 5;
const REQUEST_TRAILERS = 6;
const RESPONSE_TRAILERS = 7;
const METADATA_CONTEXT = 8;
const ATTRIBUTES = 9;
const PROTOCOL_CONFIG = 11;

/** Metadata that nobody sends for this: more of it is not looked at. */
const MAX_METADATA_BYTES = 256 * 1024;

/**
 * Takes a ProcessingRequest apart. By hand: to make all of its headers into objects costs more than the pick.
 * It never throws: what cannot be read is a message of kind `malformed`.
 */
export function decodeMessage(bytes: Buffer): ProxyMessage {
  try {
    return decode(new WireReader(bytes));
  } catch (error) {
    return { kind: 'malformed', reason: error instanceof Error ? error.message : String(error) };
  }
}

function decode(reader: WireReader): ProxyMessage {
  let kind = 0;
  let content: WireReader | undefined;
  let metadata: Buffer | undefined;
  let modes: BodyModes | undefined;
  let outcome: Outcome | undefined;
  while (reader.next()) {
    const { field } = reader;
    if (field >= REQUEST_HEADERS && field <= RESPONSE_TRAILERS) {
      kind = field;
      content = reader.inside();
    } else if (field === METADATA_CONTEXT) metadata = reader.bytes();
    else if (field === ATTRIBUTES) outcome = outcomeIn(reader.inside()) ?? outcome;
    else if (field === PROTOCOL_CONFIG) modes = protocolConfig(reader.inside());
    else reader.skip();
  }
  if (content === undefined)
    return { kind: 'malformed', reason: 'it holds neither headers, body nor trailers' };
  switch (kind) {
    case REQUEST_HEADERS: {
      const found = readHeaders(content);
      const subset = endpointList(metadataValue(metadata, SUBSET_NAMESPACE, SUBSET_KEY));
      // Each by its name: to spread them costs as much as to read them.
      return {
        kind: 'request-headers',
        endOfStream: found.endOfStream,
        method: found.method,
        requestId: found.requestId,
        contentLength: found.contentLength,
        target: found.target,
        contentType: found.contentType,
        contentEncoding: found.contentEncoding,
        objective: found.objective,
        explain: found.explain,
        upgrade: found.upgrade,
        operator: found.operator,
        modes,
        subset,
      };
    }
    case RESPONSE_HEADERS: {
      const served = metadataValue(metadata, 'envoy.lb', 'x-gateway-destination-endpoint-served');
      const { status, contentLength } = readHeaders(content);
      return {
        kind: 'response-headers',
        status,
        contentLength,
        served: typeof served === 'string' ? served : undefined,
        outcome,
      };
    }
    case REQUEST_BODY:
      return bodyPart('request-body', content);
    case RESPONSE_BODY:
      return bodyPart('response-body', content);
    case REQUEST_TRAILERS:
      return { kind: 'request-trailers' };
    default:
      return { kind: 'response-trailers' };
  }
}

/** HttpBody { body = 1; end_of_stream = 2 } */
function bodyPart<Kind extends 'request-body' | 'response-body'>(
  kind: Kind,
  reader: WireReader,
): BodyPart<Kind> {
  let body: Buffer = EMPTY;
  let endOfStream = false;
  while (reader.next()) {
    if (reader.field === 1) body = reader.bytes();
    else if (reader.field === 2) endOfStream = reader.bool();
    else reader.skip();
  }
  return { kind, body, endOfStream };
}

const EMPTY: Buffer = Buffer.alloc(0);

/** ProtocolConfiguration { request_body_mode = 1; response_body_mode = 2 } */
function protocolConfig(reader: WireReader): BodyModes {
  const modes: { request: BodyMode; response: BodyMode } = { request: 'NONE', response: 'NONE' };
  while (reader.next()) {
    if (reader.wireType === LENGTH_DELIMITED) reader.skip();
    else if (reader.field === 1) modes.request = BODY_MODES[reader.varint()] ?? DEFAULT_BODY_MODES.request;
    else if (reader.field === 2) modes.response = BODY_MODES[reader.varint()] ?? DEFAULT_BODY_MODES.response;
    else reader.skip();
  }
  return modes;
}

/** 004-endpoint-picker-protocol, "Endpoint Subset". */
const SUBSET_NAMESPACE = 'envoy.lb.subset_hint';
const SUBSET_KEY = 'x-gateway-destination-endpoint-subset';

/** A value of `filter_metadata`. Few requests have any. */
function metadataValue(metadata: Buffer | undefined, namespace: string, key: string): unknown {
  if (metadata === undefined || metadata.length > MAX_METADATA_BYTES || !metadata.includes(key))
    return undefined;
  const { filterMetadata } = fromBinary(MetadataSchema, metadata);
  return (filterMetadata[namespace] as JsonObject | undefined)?.[key];
}

/** A list of `ADDRESS:PORT`, or one string of them with commas. What is none of both names no endpoint. */
function endpointList(value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string')
    return value
      .split(',')
      .map(part => part.trim())
      .filter(part => part !== '');
  return Array.isArray(value) ? value.filter(part => typeof part === 'string') : [];
}
