/** An object as the admin API gives it. */
export interface Obj {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** The value at a path of field names; undefined where something on the way is missing. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  let at = value;
  for (const name of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}

/** All values at a path, through the lists on the way. */
export function valuesAt(value: unknown, path: readonly string[]): readonly unknown[] {
  let found: unknown[] = [value];
  for (const name of path) found = found.flatMap(item => valueAt(item, [name]) ?? []);
  return found;
}

export function text(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

export function compact(value: unknown): string {
  return value === undefined ? '' : JSON.stringify(value);
}

export function conditionStatus(object: unknown, type: string): string {
  const found = valuesAt(object, ['status', 'conditions']).find(
    condition => valueAt(condition, ['type']) === type,
  );
  return text(valueAt(found, ['status'])) || 'Unknown';
}

/** `gateway.gateway.networking.k8s.io/NAME`, `pod/NAME`: kubectl's `-o name`. */
export function objectName(object: Obj): string {
  return `${resourceOf(object)}/${object.metadata.name}`;
}

function resourceOf(object: Obj): string {
  const slash = object.apiVersion.indexOf('/');
  const group = slash < 0 ? '' : `.${object.apiVersion.slice(0, slash)}`;
  return `${object.kind.toLowerCase()}${group}`;
}
