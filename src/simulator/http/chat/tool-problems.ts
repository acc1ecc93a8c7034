import { badRequest } from '../api-error.ts';
import type { Fields } from '../request-fields.ts';

/** vLLM's ChatCompletionToolsParam: each tool is a function with a name. */
export function checkToolList(fields: Fields): void {
  fields.list('tools')?.forEach((tool, index) => {
    const at = `tools.${index}`;
    if (!isObject(tool)) {
      modelType(fields, at, tool);
      return;
    }
    const { type = 'function', function: definition } = tool;
    if (type !== 'function')
      fields.problem('literal_error', `${at}.type`, "Input should be 'function'", type, {
        expected: "'function'",
      });
    if (definition === undefined) fields.problem('missing', `${at}.function`, 'Field required', tool);
    else if (!isObject(definition)) modelType(fields, `${at}.function`, definition);
    else if (definition['name'] === undefined)
      fields.problem('missing', `${at}.function.name`, 'Field required', definition);
    else if (typeof definition['name'] !== 'string')
      fields.problem(
        'string_type',
        `${at}.function.name`,
        'Input should be a valid string',
        definition['name'],
      );
  });
}

const FORMATS = ['text', 'json_object', 'json_schema', 'structural_tag'];

/** vLLM's AnyResponseFormat is a union of three models; the complaints are of all of them. */
export function checkResponseFormat(fields: Fields): void {
  const format = fields.raw['response_format'];
  if (format === undefined || format === null) return;
  if (!isObject(format)) {
    for (let model = 0; model < 3; model++) modelType(fields, 'response_format', format);
    return;
  }
  const { type } = format;
  if (type === 'json_schema' && !format['json_schema'])
    throw badRequest(
      "When response_format type is 'json_schema', the 'json_schema' field must be provided.",
      'response_format',
    );
  if (typeof type === 'string' && FORMATS.includes(type)) return;
  const typeProblem = (expected: string) => {
    if (type === undefined) fields.problem('missing', 'response_format.type', 'Field required', format);
    else
      fields.problem('literal_error', 'response_format.type', `Input should be ${expected}`, type, {
        expected,
      });
  };
  const missing = (name: string) => {
    if (format[name] === undefined)
      fields.problem('missing', `response_format.${name}`, 'Field required', format);
  };
  typeProblem("'text', 'json_object' or 'json_schema'");
  typeProblem("'structural_tag'");
  missing('format');
  typeProblem("'structural_tag'");
  missing('structures');
  missing('triggers');
}

function modelType(fields: Fields, name: string, input: unknown): void {
  fields.problem(
    'model_attributes_type',
    name,
    'Input should be a valid dictionary or object to extract fields from',
    input,
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
