import { BOOTSTRAP_SCHEMA } from './bootstrap-schema.ts';

export interface SchemaField {
  readonly name: string;
  /** Of a scalar, or the name of a message; of an enumeration, its values. */
  readonly type: string | readonly string[];
  readonly many: 'one' | 'list' | 'map';
  readonly required: boolean;
  /** Of the fields of one choice only one may be there. */
  readonly choice: string | undefined;
}

export interface MessageSchema {
  /** By both of their spellings, that of the proto and that of protobuf's JSON. */
  readonly fields: ReadonlyMap<string, SchemaField>;
  readonly required: readonly string[];
  /** Choices of which one field must be there. */
  readonly requiredChoices: ReadonlySet<string>;
}

let schemas: ReadonlyMap<string, MessageSchema> | undefined;

/** Undefined: nothing is known of it. */
export function schemaOf(message: string): MessageSchema | undefined {
  schemas ??= new Map(BOOTSTRAP_SCHEMA.trim().split('\n').map(parseLine));
  return schemas.get(message);
}

function parseLine(line: string): [string, MessageSchema] {
  const [name = '', ...parts] = line.split(' ');
  const fields = new Map<string, SchemaField>();
  const required: string[] = [];
  const requiredChoices = new Set<string>();
  for (const part of parts) {
    const [, field = '', isRequired, many, type = '', choice, isChoiceRequired] =
      /^(\w+)(!?):([*%]?)([^^]+)(?:\^(\w+)(!?))?$/.exec(part) ?? [];
    const entry: SchemaField = {
      name: field,
      type: type.startsWith('(') ? type.slice(1, -1).split('|') : type,
      many: many === '*' ? 'list' : many === '%' ? 'map' : 'one',
      required: isRequired === '!',
      choice,
    };
    fields.set(field, entry);
    fields.set(
      field.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
      entry,
    );
    if (entry.required) required.push(field);
    if (choice !== undefined && isChoiceRequired === '!') requiredChoices.add(choice);
  }
  return [name, { fields, required, requiredChoices }];
}
