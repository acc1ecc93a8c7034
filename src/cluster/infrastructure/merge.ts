/** JSON of an object, or of a part of one. */
export type Json = Readonly<Record<string, unknown>>;

/** What makes two items of such a list the same: patchMergeKey of Kubernetes' types, by the name of the list's field. */
const MERGE_KEYS: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  initContainers: ['name'],
  volumes: ['name'],
  env: ['name'],
  imagePullSecrets: ['name'],
  volumeMounts: ['mountPath'],
  volumeDevices: ['devicePath'],
  ports: ['containerPort', 'port'],
  topologySpreadConstraints: ['topologyKey'],
  hostAliases: ['ip'],
};

/** RFC 7396: null deletes, lists are replaced. */
export function jsonMerge(original: unknown, patch: unknown): unknown {
  if (!isJson(patch)) return patch;
  const merged: Record<string, unknown> = { ...(isJson(original) ? original : {}) };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = jsonMerge(merged[key], value);
  }
  return merged;
}

/**
 * Kubernetes' strategic merge patch (sig-api-machinery/strategic-merge-patch.md): as {@link jsonMerge}, but lists whose items have a
 * key are merged by it. `$patch: replace` and `$patch: delete` act; the order of items is that of the original.
 */
export function strategicMerge(original: unknown, patch: unknown, field = ''): unknown {
  if (Array.isArray(patch)) return mergeLists(Array.isArray(original) ? original : [], patch, field);
  if (!isJson(patch)) return patch;
  const { $patch: directive, ...changes } = patch;
  if (directive === 'replace') return changes;
  if (directive === 'delete') return undefined;
  const merged: Record<string, unknown> = { ...(isJson(original) ? original : {}) };
  for (const [key, value] of Object.entries(changes)) {
    if (key.startsWith('$')) continue;
    const next = value === null ? undefined : strategicMerge(merged[key], value, key);
    if (next === undefined) delete merged[key];
    else merged[key] = next;
  }
  return merged;
}

function mergeLists(original: readonly unknown[], patch: readonly unknown[], field: string): unknown[] {
  const keys = MERGE_KEYS[field] ?? [];
  const keyOf = (item: unknown) => keys.map(key => (isJson(item) ? item[key] : undefined)).find(isThere);
  const directive = (item: unknown) => (isJson(item) ? item['$patch'] : undefined);
  const replaces = patch.some(item => directive(item) === 'replace');
  const items = patch.filter(item => directive(item) !== 'replace');
  if (replaces || items.some(item => keyOf(item) === undefined))
    return items.map(item => strategicMerge(undefined, item));
  const merged = [...original];
  for (const item of items) {
    const key = keyOf(item);
    const index = merged.findIndex(each => keyOf(each) === key);
    if (directive(item) === 'delete') {
      if (index !== -1) merged.splice(index, 1);
    } else if (index === -1) merged.push(strategicMerge(undefined, item));
    else merged[index] = strategicMerge(merged[index], item);
  }
  return merged;
}

export interface Patch {
  readonly type?: string | undefined;
  readonly value?: unknown;
}

/** Envoy Gateway, MergeWithPatch. @throws Error when the patch cannot be applied, or takes away what an object is */
export function patched<T extends { readonly kind: string; readonly metadata: object }>(
  object: T,
  patch: Patch | undefined,
): T {
  if (patch === undefined) return object;
  const { type = 'StrategicMerge', value } = patch;
  const what = `the patch of the ${object.kind}`;
  if (!isJson(value)) throw new Error(`${what} is not an object`);
  if (type !== 'JSONMerge' && type !== 'StrategicMerge')
    throw new Error(`${what} is of type ${type}: expected StrategicMerge or JSONMerge`);
  const merged = (type === 'JSONMerge' ? jsonMerge : strategicMerge)(object, value) as T;
  const { metadata } = merged;
  if (merged.kind !== object.kind || !isJson(metadata) || metadata['namespace'] !== namespaceOf(object))
    throw new Error(`${what} makes another object of it: kind and namespace cannot be changed`);
  return merged;
}

function namespaceOf({ metadata }: { readonly metadata: object }): unknown {
  return (metadata as { readonly namespace?: unknown }).namespace;
}

function isThere(value: unknown): boolean {
  return value !== undefined;
}

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
