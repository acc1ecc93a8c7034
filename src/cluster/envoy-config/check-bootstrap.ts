import { distanceOf } from '../../api/index.ts';
import { EXTENSION_TYPES } from './extension-types.ts';
import { type MessageSchema, type SchemaField, schemaOf } from './message-schema.ts';
import { scalarProblem } from './scalar-problem.ts';

type Json = Readonly<Record<string, unknown>>;

export interface CheckOptions {
  /** Another image than ours may have extensions that ours has not. */
  readonly ownImage: boolean;
}

const BOOTSTRAP = 'envoy.config.bootstrap.v3.Bootstrap';
const ANY = 'google.protobuf.Any';
/** Takes any JSON. */
const FREE = new Set(['google.protobuf.Struct', 'google.protobuf.Value', 'google.protobuf.ListValue']);
const TYPE_URL = /^type\.googleapis\.com\/([\w.]+)$/;
/** Of names that differ in more letters nobody has meant the other. */
const MAX_DISTANCE = 3;

let types: ReadonlySet<string> | undefined;

/**
 * Why Envoy would not start with this Bootstrap, by what it says itself of its messages: a field that it has not, a value that is none of
 * the field, one that is missing. The inside of extensions is theirs to judge.
 * @throws Error with the field, what was there and what is expected
 */
export function checkBootstrapFields(bootstrap: Json, options: CheckOptions): void {
  const waiting: { readonly message: string; readonly value: unknown; readonly path: string }[] = [
    { message: BOOTSTRAP, value: bootstrap, path: '' },
  ];
  // A loop: how deep it goes is a tenant's to say.
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { message, value, path } = next;
    if (message === ANY) checkExtension(value, path, options);
    const schema = schemaOf(message);
    if (schema === undefined || FREE.has(message)) continue;
    if (!isObject(value)) throw problem(path, value, 'an object');
    const seen = new Map<string, SchemaField>();
    for (const [key, part] of Object.entries(value)) {
      const field = schema.fields.get(key);
      const at = path === '' ? key : `${path}.${key}`;
      if (field === undefined)
        throw new Error(`bootstrap: ${at.slice(-300)}: Envoy has no such field${meant(schema, key)}`);
      if (part === null) continue;
      checkTwice(seen, field, at);
      for (const [index, one] of itemsOf(field, part, at)) {
        const place = `${at}${index}`;
        if (typeof field.type !== 'string' || !field.type.includes('.')) checkScalar(field.type, one, place);
        else if (schemaOf(field.type) !== undefined || field.type === ANY)
          waiting.push({ message: field.type, value: one, path: place });
        else checkScalar(field.type, one, place);
      }
    }
    checkPresent(schema, value, seen, path);
  }
}

function checkTwice(seen: Map<string, SchemaField>, field: SchemaField, at: string): void {
  const other =
    seen.get(field.name) ?? (field.choice === undefined ? undefined : seen.get(`^${field.choice}`));
  if (other !== undefined)
    throw new Error(
      `bootstrap: ${at}: ${other === field ? 'the field is there twice, in both of its spellings' : `it excludes ${other.name}, which is there too`}`,
    );
  seen.set(field.name, field);
  if (field.choice !== undefined) seen.set(`^${field.choice}`, field);
}

function checkPresent(
  schema: MessageSchema,
  value: Json,
  seen: ReadonlyMap<string, SchemaField>,
  path: string,
): void {
  for (const name of schema.required) {
    const part = value[name] ?? value[camelCase(name)];
    if (!seen.has(name) || part === '' || (Array.isArray(part) && part.length === 0))
      throw new Error(
        `bootstrap: ${path === '' ? name : `${path}.${name}`} is missing or empty: Envoy requires it`,
      );
  }
  for (const choice of schema.requiredChoices)
    if (!seen.has(`^${choice}`)) {
      const all = [...new Set(schema.fields.values())].filter(field => field.choice === choice);
      throw new Error(
        `bootstrap: ${path}: expected one of ${all.map(({ name }) => name).join(', ')}, got none`,
      );
    }
}

function itemsOf(field: SchemaField, value: unknown, at: string): [string, unknown][] {
  switch (field.many) {
    case 'one':
      return [['', value]];
    case 'list':
      if (!Array.isArray(value)) throw problem(at, value, 'a list');
      return value.map((one, index) => [`[${index}]`, one]);
    case 'map':
      if (!isObject(value)) throw problem(at, value, 'an object');
      return Object.entries(value).map(([key, one]) => [`[${JSON.stringify(key.slice(0, 100))}]`, one]);
  }
}

function checkScalar(type: string | readonly string[], value: unknown, at: string): void {
  const expected = scalarProblem(type, value);
  if (expected !== undefined) throw problem(at, value, expected);
}

/** In protobuf's JSON an Any says of what type it is. */
function checkExtension(value: unknown, path: string, { ownImage }: CheckOptions): void {
  if (!isObject(value)) throw problem(path, value, 'an object with @type');
  const url = value['@type'];
  const name = typeof url === 'string' ? TYPE_URL.exec(url)?.[1] : undefined;
  if (name === undefined)
    throw problem(`${path}.@type`, url, 'type.googleapis.com/ and the name of a message');
  types ??= new Set(EXTENSION_TYPES.trim().split(/\s+/));
  if (ownImage && !types.has(name) && !FREE.has(name) && name !== 'xds.type.v3.TypedStruct')
    throw problem(`${path}.@type`, name, 'an extension that Envoy 1.40 has');
}

function problem(path: string, got: unknown, expected: string): Error {
  const text = got === undefined ? 'nothing' : JSON.stringify(got).slice(0, 100);
  return new Error(`bootstrap: ${path === '' ? 'it' : path.slice(-300)}: expected ${expected}, got ${text}`);
}

function meant({ fields }: MessageSchema, key: string): string {
  if (key.length > 64) return '';
  const near = [...fields.keys()]
    .map(name => ({ name, distance: distanceOf(name.toLowerCase(), key.toLowerCase()) }))
    .filter(({ distance }) => distance <= Math.min(MAX_DISTANCE, Math.floor(key.length / 3)))
    .sort((a, b) => a.distance - b.distance)[0];
  return near === undefined ? '' : `, did you mean ${near.name}?`;
}

function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
