import { type FieldProblem, validationError } from './api-error.ts';

type Body = Readonly<Record<string, unknown>>;

/** Reads fields of a JSON body as pydantic does in its lax mode, and collects what it would complain of. */
export class Fields {
  readonly raw: Body;
  readonly #loc: readonly (string | number)[];
  readonly #problems: FieldProblem[];

  constructor(raw: Body, loc: readonly (string | number)[] = ['body'], problems: FieldProblem[] = []) {
    this.raw = raw;
    this.#loc = loc;
    this.#problems = problems;
  }

  /** @throws ApiError with all problems so far. */
  check(): void {
    if (this.#problems.length > 0) throw validationError(this.#problems);
  }

  has(name: string): boolean {
    return this.raw[name] !== undefined && this.raw[name] !== null;
  }

  problem(type: string, name: string | undefined, msg: string, input: unknown): undefined {
    this.#problems.push({ type, loc: name === undefined ? this.#loc : [...this.#loc, name], msg, input });
    return undefined;
  }

  missing(name: string): undefined {
    return this.problem('missing', name, 'Field required', this.raw);
  }

  string(name: string): string | undefined {
    const value = this.raw[name];
    if (value === undefined || value === null || typeof value === 'string') return value ?? undefined;
    return this.problem('string_type', name, 'Input should be a valid string', value);
  }

  integer(name: string): number | undefined {
    const value = this.raw[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'boolean') return Number(value);
    if (typeof value === 'number')
      return Number.isInteger(value)
        ? value
        : this.problem(
            'int_from_float',
            name,
            'Input should be a valid integer, got a number with a fractional part',
            value,
          );
    if (typeof value !== 'string')
      return this.problem('int_type', name, 'Input should be a valid integer', value);
    if (/^\s*[-+]?\d+(\.0*)?\s*$/.test(value)) return Number(value);
    return this.problem(
      'int_parsing',
      name,
      'Input should be a valid integer, unable to parse string as an integer',
      value,
    );
  }

  number(name: string): number | undefined {
    const value = this.raw[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'boolean') return Number(value);
    if (typeof value === 'number') return value;
    if (typeof value !== 'string')
      return this.problem('float_type', name, 'Input should be a valid number', value);
    if (value.trim() !== '' && !Number.isNaN(Number(value))) return Number(value);
    return this.problem(
      'float_parsing',
      name,
      'Input should be a valid number, unable to parse string as a number',
      value,
    );
  }

  boolean(name: string): boolean | undefined {
    const value = this.raw[name];
    if (value === undefined || value === null || typeof value === 'boolean') return value ?? undefined;
    const text = String(value).toLowerCase();
    if (['1', 'true', 't', 'yes', 'y', 'on'].includes(text)) return true;
    if (['0', 'false', 'f', 'no', 'n', 'off'].includes(text)) return false;
    return this.problem(
      'bool_parsing',
      name,
      'Input should be a valid boolean, unable to interpret input',
      value,
    );
  }

  list(name: string): readonly unknown[] | undefined {
    const value = this.raw[name];
    if (value === undefined || value === null) return undefined;
    if (Array.isArray(value)) return value;
    return this.problem('list_type', name, 'Input should be a valid list', value);
  }

  object(name: string): Fields | undefined {
    const value = this.raw[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'object' && !Array.isArray(value))
      return new Fields(value as Body, [...this.#loc, name], this.#problems);
    return this.problem(
      'model_attributes_type',
      name,
      'Input should be a valid dictionary or object to extract fields from',
      value,
    );
  }

  /** A string or a list of strings. */
  strings(name: string): readonly string[] | undefined {
    const value = this.raw[name];
    if (typeof value === 'string') return [value];
    const list = this.list(name);
    list?.forEach((entry, index) => {
      if (typeof entry !== 'string')
        this.problem('string_type', `${name}.${index}`, 'Input should be a valid string', entry);
    });
    return list as readonly string[] | undefined;
  }

  integers(name: string): readonly number[] | undefined {
    const list = this.list(name);
    list?.forEach((entry, index) => {
      if (!Number.isInteger(entry))
        this.problem('int_type', `${name}.${index}`, 'Input should be a valid integer', entry);
    });
    return list as readonly number[] | undefined;
  }
}
