/** A status with conditions at any depth: of the object, of its listeners, per parent of a route, per ancestor of a policy. */
type Json = unknown;
type JsonObject = Readonly<Record<string, Json>>;

interface Transition {
  /** RFC 3339, whole seconds: metav1.Time. */
  readonly now: string;
  /** metadata.generation of the object that the status was made from. */
  readonly generation: number | undefined;
}

/**
 * Gives each condition of `next` its `lastTransitionTime`: the one that `previous` had as long as the condition's `status`
 * has stayed the same (metav1.Condition), else `now`; and its `observedGeneration`.
 */
export function mergeStatus(previous: Json, next: JsonObject, transition: Transition): JsonObject {
  return mergeObject(previous, next, transition);
}

function mergeObject(previous: Json, next: JsonObject, transition: Transition): JsonObject {
  const before = isObject(previous) ? previous : {};
  return Object.fromEntries(
    Object.entries(next).map(([field, value]) => [
      field,
      Array.isArray(value) ? mergeList(field, before[field], value, transition) : value,
    ]),
  );
}

function mergeList(
  field: string,
  previous: Json,
  next: readonly Json[],
  transition: Transition,
): readonly Json[] {
  const before = Array.isArray(previous) ? previous.filter(isObject) : [];
  return next.map(item => {
    if (!isObject(item)) return item;
    const identity = identityOf(item);
    const old = before.find(candidate => identityOf(candidate) === identity);
    if (field !== 'conditions') return mergeObject(old, item, transition);
    const { generation, now } = transition;
    const kept =
      old !== undefined && old['status'] === item['status'] ? old['lastTransitionTime'] : undefined;
    return {
      ...item,
      lastTransitionTime: kept ?? now,
      ...(generation === undefined ? {} : { observedGeneration: generation }),
    };
  });
}

/** What tells the items of a list apart: a condition's type, a listener's name, a parent with its controller. */
function identityOf(item: JsonObject): string {
  return JSON.stringify([
    item['type'],
    item['name'],
    item['parentRef'],
    item['ancestorRef'],
    item['controllerName'],
  ]);
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
