import type { DescMessage, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { create, type JsonValue, toJson } from '@bufbuild/protobuf';
import { type Any, AnySchema, anyPack } from '@bufbuild/protobuf/wkt';
import { envoyTypes } from './registry.ts';

/** Builds a message and packs it; the type URL is `type.googleapis.com/` and the message's full name (google/protobuf/any.proto). */
export function packAny<Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>): Any {
  return anyPack(schema, create(schema, init) as MessageShape<Desc>);
}

export function typeUrlOf(schema: DescMessage): string {
  return `type.googleapis.com/${schema.typeName}`;
}

/** protobuf's JSON of a packed message, with `@type`, those inside it unpacked as well. Throws for a type that {@link envoyTypes} lacks. */
export function anyToJson(packed: Any): JsonValue {
  return toJson(AnySchema, packed, { registry: envoyTypes() });
}
