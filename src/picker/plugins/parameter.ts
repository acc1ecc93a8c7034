/** One parameter of a plugin: data, so that workers, which only use it, need no library of schemas. */
export interface Parameter<T> {
  readonly default: T;
  /** What it is counted in: `ms`, `blocks`, `0..1`. */
  readonly unit: string;
  /** What a value must be, for people. */
  readonly expected: string;
  /** What it does, for people. */
  readonly meaning: string;
  isValid(value: unknown): value is T;
}

export type Parameters = Readonly<Record<string, Parameter<unknown>>>;

/** The values of parameters, all of them there. */
export type ValuesOf<P extends Parameters> = {
  readonly [Name in keyof P]: P[Name] extends Parameter<infer T> ? T : never;
};

export interface NumberBounds {
  readonly default: number;
  readonly unit: string;
  readonly meaning: string;
  readonly min: number;
  readonly max: number;
  /** Default: false. */
  readonly whole?: boolean;
}

export function numberParameter({
  min,
  max,
  whole = false,
  default: value,
  unit,
  meaning,
}: NumberBounds): Parameter<number> {
  return {
    default: value,
    unit,
    meaning,
    expected: `a ${whole ? 'whole ' : ''}number from ${min} to ${max}`,
    isValid: (given): given is number =>
      typeof given === 'number' && given >= min && given <= max && (!whole || Number.isInteger(given)),
  };
}

/** What is given, and the defaults of what is not. */
export function valuesOf<P extends Parameters>(
  parameters: P,
  given: Readonly<Record<string, unknown>> = {},
): ValuesOf<P> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, { default: value }]) => [
      name,
      Object.hasOwn(given, name) ? given[name] : value,
    ]),
  ) as ValuesOf<P>;
}

/** What is wrong with what is given, a sentence for each of its names. */
export function parameterProblems(
  plugin: string,
  parameters: Parameters,
  given: Readonly<Record<string, unknown>>,
): { readonly name: string; readonly message: string }[] {
  return Object.entries(given).flatMap(([name, value]) => {
    // A name is a tenant's: it may be that of a method.
    const parameter = Object.hasOwn(parameters, name) ? (parameters[name] as Parameter<unknown>) : undefined;
    if (parameter === undefined) {
      const names = Object.keys(parameters);
      const has = names.length === 0 ? 'none' : names.join(', ');
      return [{ name, message: `${plugin} has no parameter ${JSON.stringify(name)}; it has ${has}` }];
    }
    if (parameter.isValid(value)) return [];
    return [
      { name, message: `${plugin}: expected ${parameter.expected} as ${name}, got ${JSON.stringify(value)}` },
    ];
  });
}
