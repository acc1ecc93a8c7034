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

  /**
   * @param order names of fields in the order in which the model declares them, which is that of the complaints
   * @throws ApiError with all problems so far
   */
  check(order: readonly string[] = []): void {
    if (this.#problems.length === 0) return;
    const rank = ({ loc }: FieldProblem) => {
      const at = order.indexOf(String(loc[1]).split('.', 1)[0]!);
      return at < 0 ? order.length : at;
    };
    throw validationError([...this.#problems].sort((a, b) => rank(a) - rank(b)));
  }

  get hasProblems(): boolean {
    return this.#problems.length > 0;
  }

  problem(type: string, name: string, msg: string, input: unknown, ctx?: FieldProblem['ctx']): undefined {
    const loc = [...this.#loc, name];
    this.#problems.push({ type, loc, msg, input, ...(ctx === undefined ? {} : { ctx }) });
    return undefined;
  }

  /** Adds what was found out elsewhere. */
  add(problems: readonly FieldProblem[]): void {
    this.#problems.push(...problems);
  }

  missing(name: string): undefined {
    return this.problem('missing', name, 'Field required', this.raw);
  }

  string(name: string): string | undefined {
    const value = this.raw[name];
    if (value === undefined || value === null || typeof value === 'string') return value ?? undefined;
    return this.problem('string_type', name, 'Input should be a valid string', value);
  }

  /** Fields of one entry of a list. */
  nested(name: string, index: number, entry: unknown): Fields {
    return new Fields({ [index]: entry }, [...this.#loc, name], this.#problems);
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

  /** Complains of a null where only a list will do. */
  notList(name: string): readonly never[] {
    this.problem('list_type', name, 'Input should be a valid list', this.raw[name]);
    return [];
  }

  list(name: string): readonly unknown[] | undefined {
    const value = this.raw[name];
    if (value === undefined || value === null) return undefined;
    if (Array.isArray(value)) return value;
    return this.problem('list_type', name, 'Input should be a valid list', value);
  }

  /** A dict. */
  object(name: string): Fields | undefined {
    return this.#object(name, 'dict_type', 'Input should be a valid dictionary');
  }

  /** A dict that becomes a model of its own. */
  model(name: string): Fields | undefined {
    return this.#object(
      name,
      'model_attributes_type',
      'Input should be a valid dictionary or object to extract fields from',
    );
  }

  #object(name: string, type: string, msg: string): Fields | undefined {
    const value = this.raw[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'object' && !Array.isArray(value))
      return new Fields(value as Body, [...this.#loc, name], this.#problems);
    return this.problem(type, name, msg, value);
  }

  /** A string or a list of at most so many strings. */
  strings(name: string, most: number): readonly string[] | undefined {
    const value = this.raw[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'string') return [value];
    if (Array.isArray(value) && value.length <= most && value.every(entry => typeof entry === 'string'))
      return value as string[];
    // pydantic's complaints of a union: first that it is no string, then what is wrong with the list.
    this.problem('string_type', name, 'Input should be a valid string', value);
    const list = this.list(name);
    if (list === undefined) return undefined;
    list.forEach((entry, index) => {
      if (typeof entry !== 'string')
        this.problem('string_type', `${name}.${index}`, 'Input should be a valid string', entry);
    });
    if (list.length > most)
      this.problem(
        'too_long',
        name,
        `List should have at most ${most} items after validation, not ${list.length}`,
        list,
        { field_type: 'List', max_length: most, actual_length: list.length },
      );
    return undefined;
  }

  /** A list of integers, each at least `least`. */
  integers(name: string, least = Number.NEGATIVE_INFINITY): readonly number[] | undefined {
    const list = this.list(name);
    if (list === undefined) return undefined;
    const entries = new Fields(
      Object.fromEntries(list.entries()) as Body,
      [...this.#loc, name],
      this.#problems,
    );
    return list.map((input, index) => {
      const value = input === null ? undefined : entries.integer(String(index));
      if (input === null)
        entries.problem('int_type', String(index), 'Input should be a valid integer', input);
      if (value !== undefined && value < least)
        entries.problem(
          'greater_than_equal',
          String(index),
          `Input should be greater than or equal to ${least}`,
          input,
          { ge: least },
        );
      return value ?? 0;
    });
  }
}
