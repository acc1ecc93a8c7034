import { readFileSync } from 'node:fs';
import { fromBinary } from '@bufbuild/protobuf';
import {
  type DescriptorProto,
  type FieldDescriptorProto,
  FieldDescriptorProto_Label,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FieldDescriptorProto_Type as Type,
} from '@bufbuild/protobuf/wkt';

const LENGTH_DELIMITED = 2;
/** Of google.protobuf.FileDescriptorProto, in the order in which they are written. */
const LAST_FIELD = 14;
/** Extensions of FieldOptions and OneofOptions: validate.rules, and what Envoy does not take any more. */
const RULES = 1071;
const DISALLOWED = 189_503_207;

interface Known {
  readonly message: DescriptorProto;
  readonly enums: ReadonlyMap<string, readonly string[]>;
}

/**
 * What a Bootstrap of this Envoy may hold, a line for each message, from the descriptors that the program has of itself:
 * `name field:type …`. See src/cluster/envoy-config/bootstrap-schema.ts, which has these lines.
 */
export function bootstrapSchemaLines(envoy: string): string[] {
  const files = descriptorsIn(readFileSync(envoy));
  const messages = new Map<string, DescriptorProto>();
  const enums = new Map<string, readonly string[]>();
  const add = (scope: string, message: DescriptorProto): void => {
    const name = `${scope}.${message.name}`;
    messages.set(name, message);
    for (const one of message.enumType)
      enums.set(
        `${name}.${one.name}`,
        one.value.map(value => value.name),
      );
    for (const inner of message.nestedType) add(name, inner);
  };
  for (const file of files) {
    for (const message of file.messageType) add(file.package, message);
    for (const one of file.enumType)
      enums.set(
        `${file.package}.${one.name}`,
        one.value.map(value => value.name),
      );
  }
  const lines: string[] = [];
  const wanted = ['envoy.config.bootstrap.v3.Bootstrap'];
  const seen = new Set(wanted);
  for (const name of wanted) {
    const message = messages.get(name);
    if (message === undefined) throw new Error(`this Envoy has no descriptor of ${name}`);
    const fields = message.field
      .filter(field => !hasVarint(field.options?.$unknown, DISALLOWED))
      .map(field => {
        const entry = messages.get(field.typeName.slice(1));
        const isMap = entry?.options?.mapEntry === true;
        const of = isMap ? entry.field[1]! : field;
        const type = typeOf({ message, enums }, of);
        const inner = of.typeName.slice(1);
        if (of.type === Type.MESSAGE && !inner.startsWith('google.protobuf.') && !seen.has(inner)) {
          seen.add(inner);
          wanted.push(inner);
        }
        const many = isMap ? '%' : field.label === FieldDescriptorProto_Label.REPEATED ? '*' : '';
        return `${field.name}${isRequired(field) ? '!' : ''}:${many}${type}${choiceOf(message, field)}`;
      });
    lines.push([name, ...fields].join(' '));
  }
  return lines.sort();
}

function typeOf({ enums }: Known, field: FieldDescriptorProto): string {
  const { type, typeName } = field;
  if (type === Type.MESSAGE) return typeName.slice(1);
  if (type === Type.ENUM) return `(${enums.get(typeName.slice(1))?.join('|')})`;
  return Type[type].toLowerCase();
}

function choiceOf(message: DescriptorProto, field: FieldDescriptorProto): string {
  if (!Object.hasOwn(field, 'oneofIndex') || field.proto3Optional) return '';
  const choice = message.oneofDecl[field.oneofIndex];
  if (choice === undefined) return '';
  return `^${choice.name}${hasVarint(choice.options?.$unknown, RULES) ? '!' : ''}`;
}

type Unknown = readonly { readonly no: number; readonly wireType: number; readonly data: Uint8Array }[];

function hasVarint(unknown: Unknown | undefined, no: number): boolean {
  return unknown?.some(one => one.no === no && one.data[0] === 1) ?? false;
}

/** validate/validate.proto: a least length or number of items, or `required` of a message. */
function isRequired(field: FieldDescriptorProto): boolean {
  const rules = field.options?.$unknown?.find(one => one.no === RULES)?.data;
  if (rules === undefined) return false;
  const all = [...fieldsIn(rules.subarray(1))];
  const has = (rule: number, part: number) =>
    all.some(
      one => one.no === rule && [...fieldsIn(one.data)].some(each => each.no === part && each.value > 0),
    );
  const [STRING, REPEATED, MESSAGE, ANY, DURATION] = [14, 18, 17, 20, 21] as const;
  return has(STRING, 2) || has(REPEATED, 1) || has(MESSAGE, 2) || has(ANY, 1) || has(DURATION, 1);
}

function* fieldsIn(data: Uint8Array): Generator<{ no: number; value: number; data: Uint8Array }> {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = data[at++] ?? 0;
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  while (at < data.length) {
    const tag = varint();
    const no = Math.floor(tag / 8);
    switch (tag & 7) {
      case 0:
        yield { no, value: varint(), data: data.subarray(0, 0) };
        break;
      case LENGTH_DELIMITED: {
        const length = varint();
        yield { no, value: 0, data: data.subarray(at, at + length) };
        at += length;
        break;
      }
      case 1:
        at += 8;
        break;
      case 5:
        at += 4;
        break;
      default:
        return;
    }
  }
}

/** Serialized FileDescriptorProtos begin with their file's name; where each ends, only its fields say. */
function descriptorsIn(program: Buffer): FileDescriptorProto[] {
  const files = new Map<string, FileDescriptorProto>();
  for (const prefix of ['envoy/', 'xds/', 'google/protobuf/'])
    for (let at = program.indexOf(prefix); at !== -1; at = program.indexOf(prefix, at + 1)) {
      const length = program[at - 1] ?? 0;
      const name = program.toString('latin1', at, at + length);
      if (program[at - 2] !== 0x0a || !/^[\w/]+\.proto$/.test(name) || files.has(name)) continue;
      files.set(
        name,
        fromBinary(FileDescriptorProtoSchema, program.subarray(at - 2, endOf(program, at - 2))),
      );
    }
  return [...files.values()];
}

function endOf(program: Buffer, start: number): number {
  let at = start;
  for (let last = 0; ; ) {
    const tag = program[at] ?? 0;
    const field = tag >> 3;
    if ((tag & 7) !== LENGTH_DELIMITED || field < last || field === 0 || field > LAST_FIELD) return at;
    if (field === 1 && at !== start) return at;
    last = field;
    let length = 0;
    let shift = 1;
    let byte: number;
    do {
      byte = program[++at] ?? 0;
      length += (byte & 127) * shift;
      shift *= 128;
    } while (byte > 127);
    at += 1 + length;
  }
}
