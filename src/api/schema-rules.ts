import type { z } from 'zod';

type Path = readonly (string | number)[];

/** What a check of this folder adds to an issue; zod's own issues have none of it. */
export interface RuleParams {
  /** The field to point at, below the one that has the rule. */
  readonly at?: Path;
  /** The second of two equal list items, as the API server prints it. */
  readonly duplicate?: unknown;
  /** The object has fewer properties than this. */
  readonly minProperties?: number;
  /** What is printed as the value, instead of its type. */
  readonly value?: string;
}

/**
 * A rule of a CRD's `x-kubernetes-validations`, in its own words. An API server names the field that has the rule;
 * `at` leads to the one to mend below it.
 */
export function rule<T>(
  message: string,
  holds: (value: T) => boolean,
  at: (value: T) => Path = () => [],
): z.core.CheckFn<T> {
  return ({ value, issues }) => {
    if (holds(value)) return;
    const params: RuleParams = { at: at(value) };
    // `continue`: the rules of what is around are looked at too.
    issues.push({ code: 'custom', message, input: value, path: [], params: { ...params }, continue: true });
  };
}

/** `field` is there exactly when `by` has this value: the two rules by which CRDs say that of a union, in their words. */
export function presentWhen<T>(field: keyof T & string, by: keyof T & string, value: string) {
  return [
    rule<T>(
      `${field} must be specified when ${by} is set to '${value}'`,
      each => each[by] !== value || each[field] !== undefined,
    ),
    rule<T>(
      `${by} must be '${value}' when ${field} is set`,
      each => each[field] === undefined || each[by] === value,
      () => [field],
    ),
  ];
}

/** `x-kubernetes-list-type: map` with this key; `set` without one. */
export function unique<T>(key?: keyof T & string): z.core.CheckFn<T[]> {
  return ({ value, issues }) => {
    const seen = new Set<unknown>();
    for (const [index, item] of value.entries()) {
      const identity = key === undefined ? item : item[key];
      if (seen.has(identity)) {
        const params: RuleParams = { duplicate: key === undefined ? item : { [key]: identity } };
        issues.push({ code: 'custom', input: item, path: [index], params: { ...params }, continue: true });
      }
      seen.add(identity);
    }
  };
}

/** `minProperties: 1` */
export function atLeastOneProperty({ value, issues }: z.core.ParsePayload<Record<string, unknown>>): void {
  if (Object.keys(value).length > 0) return;
  const params: RuleParams = { minProperties: 1 };
  issues.push({ code: 'custom', input: value, path: [], params: { ...params }, continue: true });
}

/** The index of the first item that an earlier one is equal to; -1 if there is none. */
export function repeatedAt<T>(items: readonly T[], key: (item: T) => string): number {
  const seen = new Set<string>();
  return items.findIndex(item => seen.has(key(item)) || !seen.add(key(item)));
}
