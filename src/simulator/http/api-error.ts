import { STATUS_CODES } from 'node:http';
import { OPENAI } from '../../dialect/index.ts';

/** An error that is answered in OpenAI's form, as vLLM writes it. */
export class ApiError extends Error {
  readonly code = 'SIM_API_ERROR';
  readonly status: number;
  readonly type: string;
  readonly param: string | null;

  constructor(status: number, type: string, message: string, param: string | null = null) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.type = type;
    this.param = param;
  }

  get body(): object {
    return OPENAI.error(this.status, this.type, this.message, this.param);
  }
}

/** An error that FastAPI answers before vLLM sees the request. */
export class FrameworkError extends Error {
  readonly code = 'SIM_FRAMEWORK_ERROR';
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.name = 'FrameworkError';
    this.status = status;
  }
}

/** vLLM's VLLMValidationError: the message ends with what was wrong. `value` is as Python prints it. */
export function badRequest(message: string, param: string | null = null, value?: string): ApiError {
  const extras = [
    ...(param === null ? [] : [`parameter=${param}`]),
    ...(value === undefined ? [] : [`value=${value}`]),
  ];
  const text = extras.length === 0 ? message : `${message} (${extras.join(', ')})`;
  return new ApiError(400, 'BadRequestError', text, param);
}

export function notFound(model: string, aliases: readonly string[]): ApiError {
  return new ApiError(
    404,
    'NotFoundError',
    `The model \`${model}\` does not exist. Valid aliases: ${aliases.join(', ')}.`,
    'model',
  );
}

/** vLLM's QueueOverflowError, by `--max-num-queued-reqs`. */
export function queueOverflow(): ApiError {
  return new ApiError(
    503,
    STATUS_CODES[503]!,
    'The engine is currently busy and cannot accept new requests. Please try again later or on a different instance.',
  );
}

/** One complaint of pydantic: type, place, message, a short form of the input. */
export interface FieldProblem {
  readonly type: string;
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly input: unknown;
  readonly ctx?: Readonly<Record<string, string | number | bigint>>;
}

/** Problems that are listed; the rest is counted. */
const MAX_REPORTED = 10;

/** FastAPI's RequestValidationError as vLLM answers it. */
export function validationError(problems: readonly FieldProblem[]): ApiError {
  const label = problems.length === 1 ? 'error' : 'errors';
  const lines = problems.slice(0, MAX_REPORTED).map(problem => `  ${problemText(problem)}`);
  if (problems.length > MAX_REPORTED) lines.push(`  ...and ${problems.length - MAX_REPORTED} more ${label}`);
  const message = `${problems.length} validation ${label}:\n${lines.join('\n')}`;
  return new ApiError(400, STATUS_CODES[400]!, message, problems[0]!.loc.join('.'));
}

export function unsupportedMediaType(): ApiError {
  return new ApiError(
    400,
    STATUS_CODES[400]!,
    "1 validation error:\n  Unsupported Media Type: Only 'application/json' is allowed",
  );
}

/** `str()` of the dict that pydantic gives for an error. */
function problemText({ type, loc, msg, input, ctx }: FieldProblem): string {
  const fields = [
    `'type': ${pythonString(type)}`,
    `'loc': ${pythonString(loc.join('.'))}`,
    `'msg': ${pythonString(msg)}`,
    `'input': ${pythonString(inputText(input))}`,
    ...(ctx === undefined ? [] : [`'ctx': ${pythonDict(ctx)}`]),
  ];
  return `{${fields.join(', ')}}`;
}

function pythonDict(dict: NonNullable<FieldProblem['ctx']>): string {
  const entries = Object.entries(dict).map(
    ([key, value]) => `${pythonString(key)}: ${typeof value === 'string' ? pythonString(value) : value}`,
  );
  return `{${entries.join(', ')}}`;
}

const MAX_INPUT_CHARS = 200;

function inputText(input: unknown): string {
  if (Array.isArray(input)) return `<list of ${input.length} items>`;
  if (input === null || input === undefined) return 'None';
  if (typeof input === 'object') return `<dict of ${Object.keys(input).length} items>`;
  if (typeof input === 'boolean') return input ? 'True' : 'False';
  const text = String(input);
  return text.length > MAX_INPUT_CHARS ? `${text.slice(0, MAX_INPUT_CHARS)}...[truncated]` : text;
}

/** A string as Python's `repr` quotes it. */
function pythonString(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replaceAll(quote, `\\${quote}`);
  return quote + escaped + quote;
}
