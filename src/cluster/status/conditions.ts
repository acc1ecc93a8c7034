import { isDeepStrictEqual } from 'node:util';

export type Json = Readonly<Record<string, unknown>>;

/** A metav1.Condition; a wanted one has no lastTransitionTime. */
export interface Condition extends Json {
  readonly type: string;
  readonly status: string;
}

/**
 * Wanted conditions with their times. lastTransitionTime is that of the last change of `status`, not of reason or message
 * (Kubernetes API conventions, "Typical status properties"; apimachinery's meta.SetStatusCondition).
 * @param read conditions of the object, also those of others
 * @param now RFC 3339, in whole seconds
 */
export function timedConditions(wanted: readonly Condition[], read: unknown, now: string): Condition[] {
  const before = new Map(conditionsIn(read).map(condition => [condition.type, condition]));
  return wanted.map(condition => {
    const was = before.get(condition.type);
    const since = was?.status === condition.status ? was['lastTransitionTime'] : undefined;
    return { ...condition, lastTransitionTime: typeof since === 'string' ? since : now };
  });
}

/** Whether all of these are there just so. What others have set beside them does not matter. */
export function hasConditions(read: unknown, timed: readonly Condition[]): boolean {
  const before = new Map(conditionsIn(read).map(condition => [condition.type, condition]));
  return timed.every(condition => isDeepStrictEqual(before.get(condition.type), condition));
}

/** Whether these are the only ones, in whatever order. */
export function hasOnlyConditions(read: unknown, timed: readonly Condition[]): boolean {
  return conditionsIn(read).length === timed.length && hasConditions(read, timed);
}

export function conditionsIn(value: unknown): Condition[] {
  return listIn(value).filter(each => typeof each['type'] === 'string') as Condition[];
}

/** The objects of a list that may be anything: an API server has checked it, against whatever CRD is installed. */
export function listIn(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isJson) : [];
}

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
