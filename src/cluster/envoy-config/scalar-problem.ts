const INTEGERS: Readonly<Record<string, readonly [bigint, bigint]>> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
};

/** google/protobuf/wrappers.proto: in JSON each is as what it holds. */
const WRAPPERS: Readonly<Record<string, string>> = {
  'google.protobuf.BoolValue': 'bool',
  'google.protobuf.DoubleValue': 'double',
  'google.protobuf.FloatValue': 'float',
  'google.protobuf.Int32Value': 'int32',
  'google.protobuf.Int64Value': 'int64',
  'google.protobuf.StringValue': 'string',
  'google.protobuf.UInt32Value': 'uint32',
  'google.protobuf.UInt64Value': 'uint64',
};

/** google/protobuf/duration.proto. */
const DURATION = /^-?\d{1,12}(\.\d{1,9})?s$/;
const BASE64 = /^[\w+/-]*={0,2}$/;

/** What is expected where this value is none of that type in protobuf's JSON; undefined: it is one. */
export function scalarProblem(type: string | readonly string[], value: unknown): string | undefined {
  if (typeof type !== 'string') return enumProblem(type, value);
  const held = WRAPPERS[type] ?? type;
  switch (held) {
    case 'string':
      return typeof value === 'string' && value.isWellFormed() ? undefined : 'a string';
    case 'bool':
      return typeof value === 'boolean' ? undefined : 'true or false';
    case 'double':
    case 'float':
      return Number.isFinite(typeof value === 'string' && value !== '' ? Number(value) : value)
        ? undefined
        : 'a number';
    case 'bytes':
      return typeof value === 'string' && BASE64.test(value) ? undefined : 'Base64';
    case 'google.protobuf.Duration':
      return typeof value === 'string' && DURATION.test(value)
        ? undefined
        : 'a duration in seconds as "1.5s"';
    default: {
      const range = INTEGERS[held];
      return range === undefined ? undefined : integerProblem(range, value);
    }
  }
}

function enumProblem(values: readonly string[], value: unknown): string | undefined {
  if (typeof value === 'string' ? values.includes(value) : Number.isInteger(value)) return undefined;
  return `one of ${values.join(', ')}`;
}

function integerProblem([least, most]: readonly [bigint, bigint], value: unknown): string | undefined {
  const isInteger = typeof value === 'string' ? /^-?\d{1,20}$/.test(value) : Number.isInteger(value);
  const number = isInteger ? BigInt(value as string | number) : undefined;
  if (number !== undefined && number >= least && number <= most) return undefined;
  return `an integer from ${least} to ${most}`;
}
