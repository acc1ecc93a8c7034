/** Whether two values of JSON are the same, in whatever order of fields; `undefined` is a missing field. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((each, index) => sameJson(each, b[index]));
  return !Array.isArray(b) && hasFields(a, b) && hasFields(b, a, true);
}

function hasFields(of: object, other: object, namesOnly = false): boolean {
  for (const name in of) {
    const value = (of as Record<string, unknown>)[name];
    const there = (other as Record<string, unknown>)[name];
    if (namesOnly ? value !== undefined && there === undefined : !sameJson(value, there)) return false;
  }
  return true;
}
