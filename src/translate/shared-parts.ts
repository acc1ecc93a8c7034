type Parts = Readonly<Record<string, unknown>>;

/** Arrays in a plan whose elements have their place by name; of others, by index. */
const BY_NAME: ReadonlySet<string> = new Set([
  'servers',
  'listeners',
  'virtualHosts',
  'routes',
  'clusters',
  'pools',
  'limits',
]);

/**
 * The content of a plan, with every part of it that equals the one in its place in `before` taken from there. What is known of such a
 * part by identity, as its hash is, need not be made again. Neither argument is changed.
 */
export function sharedParts<T extends object>(content: T, before: object | undefined): T {
  return before === undefined ? content : sharedObject(content, before as Parts);
}

function shared(value: unknown, before: unknown, byName: boolean): unknown {
  if (value === before || typeof value !== 'object' || typeof before !== 'object') return value;
  if (value === null || before === null) return value;
  if (Array.isArray(value)) return Array.isArray(before) ? sharedArray(value, before, byName) : value;
  return Array.isArray(before) ? value : sharedObject(value, before as Parts);
}

function sharedObject<T extends object>(value: T, before: Parts): T {
  const own = value as Parts;
  let isSame = true;
  let fields = 0;
  let copy: Record<string, unknown> | undefined;
  for (const key in own) {
    fields++;
    const part = own[key];
    const old = before[key];
    const taken = shared(part, old, BY_NAME.has(key));
    if (taken !== old) isSame = false;
    if (taken === part) continue;
    copy ??= { ...own };
    copy[key] = taken;
  }
  if (isSame && fields === Object.keys(before).length) return before as T;
  return (copy as T | undefined) ?? value;
}

function sharedArray(
  values: readonly unknown[],
  before: readonly unknown[],
  byName: boolean,
): readonly unknown[] {
  let isSame = values.length === before.length;
  let copy: unknown[] | undefined;
  let places: Map<string | undefined, unknown> | undefined;
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    let old = before[index];
    if (byName && nameOf(value) !== nameOf(old)) {
      places ??= new Map(before.map(each => [nameOf(each), each]));
      old = places.get(nameOf(value));
    }
    const taken = shared(value, old, false);
    if (taken !== before[index]) isSame = false;
    if (taken === value) continue;
    copy ??= [...values];
    copy[index] = taken;
  }
  return isSame ? before : (copy ?? values);
}

function nameOf(part: unknown): string | undefined {
  const { name, domain } = (part ?? {}) as { readonly name?: string; readonly domain?: string };
  return name ?? domain;
}
