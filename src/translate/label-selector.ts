import { shown } from './shown.ts';

/** metav1.LabelSelector. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>> | undefined;
  readonly matchExpressions?: readonly LabelExpression[] | undefined;
}

interface LabelExpression {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[] | undefined;
}

type Labels = Readonly<Record<string, string>>;

/** An empty selector matches everything (metav1.LabelSelector). */
export function selectorMatches(selector: LabelSelector, labels: Labels): boolean {
  return (
    selectorProblem(selector) === undefined &&
    labelsInclude(labels, selector.matchLabels ?? {}) &&
    (selector.matchExpressions ?? []).every(expression => expressionMatches(expression, labels))
  );
}

const NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const PREFIX = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

/**
 * Why a selector cannot be parsed, in the words of apimachinery (LabelSelectorAsSelector, labels.NewRequirement); undefined: it
 * can. Such a selector matches nothing.
 */
export function selectorProblem({
  matchLabels = {},
  matchExpressions = [],
}: LabelSelector): string | undefined {
  for (const [key, value] of Object.entries(matchLabels)) {
    const problem = keyProblem(key) ?? valueProblem(value);
    if (problem !== undefined) return problem;
  }
  for (const { key, operator, values = [] } of matchExpressions) {
    const problem = keyProblem(key) ?? countProblem(operator, values.length) ?? firstOf(values, valueProblem);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function firstOf<T>(items: readonly T[], problemOf: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const problem = problemOf(item);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function countProblem(operator: string, values: number): string | undefined {
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values > 0
        ? undefined
        : "values: Required value: for 'in', 'notin' operators, values set can't be empty";
    case 'Exists':
    case 'DoesNotExist':
      return values === 0
        ? undefined
        : 'values: Invalid value: values set must be empty for exists and does not exist';
    default:
      return `${shown(operator)} is not a valid label selector operator`;
  }
}

function keyProblem(key: string): string | undefined {
  const at = key.indexOf('/');
  const [prefix, name] = at === -1 ? [undefined, key] : [key.slice(0, at), key.slice(at + 1)];
  const isGood =
    NAME.test(name) &&
    name.length <= 63 &&
    (prefix === undefined || (PREFIX.test(prefix) && prefix.length <= 253));
  return isGood ? undefined : `key: Invalid value: ${shown(key)}: it is not the name of a label`;
}

function valueProblem(value: string): string | undefined {
  return VALUE.test(value) && value.length <= 63
    ? undefined
    : `values: Invalid value: ${shown(value)}: it is not the value of a label`;
}

/** Are all of `wanted` there, with these values? */
export function labelsInclude(labels: Labels, wanted: Labels): boolean {
  for (const key in wanted) if (labels[key] !== wanted[key]) return false;
  return true;
}

function expressionMatches({ key, operator, values = [] }: LabelExpression, labels: Labels): boolean {
  const value = labels[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}
