import { type FieldPath, fieldName } from '../problem.ts';
import { quantityBytes } from '../quantity.ts';
import { shown } from '../shown.ts';
import type { PolicySpec } from './policy-spec.ts';

/** Names that Envoy Gateway puts into `telemetry.metrics.routeStatName`. */
const STAT_OPERATORS: ReadonlySet<string> = new Set([
  '%ROUTE_NAME%',
  '%ROUTE_NAMESPACE%',
  '%ROUTE_KIND%',
  '%ROUTE_RULE_NAME%',
]);

/**
 * Values that the CRD takes and Envoy Gateway refuses, of fields that do not act here: who has written them gets 500 there, and
 * must not find that out by moving. (Envoy Gateway, buildTrafficFeatures.)
 */
export function idleValueErrors(spec: PolicySpec): { readonly path: FieldPath; readonly message: string }[] {
  const found: { readonly path: FieldPath; readonly message: string }[] = [];
  const refuse = (path: readonly string[], expected: string, got: unknown) => {
    const at = ['spec', ...path];
    found.push({ path: at, message: `invalid ${fieldName(at)}: must be ${expected}, got ${shown(got)}` });
  };
  const bytes = (path: readonly string[], value: string | number | undefined, from: number, to: number) => {
    if (value === undefined) return;
    const count = quantityBytes(value);
    if (count === undefined || count < from || count > to) refuse(path, `from ${from} to ${to} bytes`, value);
  };

  bytes(['connection', 'bufferLimit'], spec.connection?.bufferLimit, 0, 0xffffffff);
  // RFC 9113 section 6.9.2: windows begin at 65,535, and end at 2^31-1.
  for (const field of ['initialStreamWindowSize', 'initialConnectionWindowSize'] as const)
    bytes(['http2', field], spec.http2?.[field], 0xffff, 0x7fffffff);
  const size = spec.loadBalancer?.consistentHash?.tableSize;
  // Maglev's tables (MaglevLbConfig.table_size).
  if (size !== undefined && !isPrime(size))
    refuse(['loadBalancer', 'consistentHash', 'tableSize'], 'a prime number', size);
  const name = spec.telemetry?.metrics?.routeStatName ?? '';
  const operators = name.match(/%[^%]*%/g) ?? [];
  if (operators.some(each => !STAT_OPERATORS.has(each)) || (operators.length === 0 && name.includes('%')))
    refuse(
      ['telemetry', 'metrics', 'routeStatName'],
      `a name with no other operators than ${[...STAT_OPERATORS].join(', ')}`,
      name,
    );
  return found;
}

/** At most 5,000,011, by the CRD. */
function isPrime(number: number): boolean {
  for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) return false;
  return number > 1;
}
