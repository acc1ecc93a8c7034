import { parseTemplate, type Slice, type Step, type TemplateNode } from './jsonpath-parse.ts';

/** A value of a JSON document. */
type Value = unknown;

export class TemplateError extends Error {}

/**
 * Prints `data` with a template of kubectl's `-o jsonpath=`. A field that is missing prints nothing, as kubectl does
 * (`--allow-missing-template-keys=true` is its default); an index out of bounds is an error there and here.
 * @throws TemplateSyntaxError, TemplateError
 */
export function printTemplate(template: string, data: Value): string {
  return print(parseTemplate(template), data);
}

function print(nodes: readonly TemplateNode[], data: Value): string {
  let out = '';
  for (const node of nodes) {
    switch (node.kind) {
      case 'text':
        out += node.text;
        break;
      case 'action':
        out += walk([data], node.steps).map(toText).join(' ');
        break;
      case 'range':
        for (const value of walk([data], node.steps)) out += print(node.body, value);
        break;
    }
  }
  return out;
}

function walk(input: Value[], steps: readonly Step[]): Value[] {
  return steps.reduce(walkStep, input);
}

function walkStep(input: Value[], step: Step): Value[] {
  switch (step.kind) {
    case 'literal':
      return [step.value];
    case 'field':
      return input.flatMap(value =>
        isMap(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : [],
      );
    case 'wildcard':
      return input.flatMap(children);
    case 'recursive':
      return input.flatMap(descend);
    case 'slice':
      return input.flatMap(value => slice(value, step.slice));
    case 'filter':
      return input.flatMap(value => filter(value, step));
    case 'union':
      return step.branches.flatMap(branch => walk(input, branch));
  }
}

function isMap(value: Value): value is Record<string, Value> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function children(value: Value): Value[] {
  if (Array.isArray(value)) return value;
  // Go visits a map in random order; sorted keys are one of the orders that kubectl may print.
  return isMap(value)
    ? Object.keys(value)
        .sort()
        .map(key => value[key])
    : [];
}

/** Every object and array in `value`, itself first; what is empty or a scalar holds nothing to find. */
function descend(value: Value): Value[] {
  const below = children(value);
  return below.length === 0 ? [] : [value, ...below.flatMap(descend)];
}

function slice(value: Value, { start, end, step, single }: Slice): Value[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) throw new TemplateError(`${typeName(value)} is not array or slice`);
  const length = value.length;
  const outOfBounds = (index: number) =>
    new TemplateError(`array index out of bounds: index ${index}, length ${length}`);
  let from = start ?? 0;
  let to = single ? from + 1 : (end ?? length);
  if (from < 0) from += length;
  if (to < 0 || (to === 0 && single)) to += length;
  if (from === to) return [];
  if (from >= length || from < 0) throw outOfBounds(from);
  if (to > length || to < 0) throw outOfBounds(to - 1);
  if (from > to) throw new TemplateError(`starting index ${from} is greater than ending index ${to}`);
  const every = step ?? 1;
  if (every <= 0) throw new TemplateError('step must be > 0');
  return value.slice(from, to).filter((_, index) => index % every === 0);
}

function filter(value: Value, step: Extract<Step, { kind: 'filter' }>): Value[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value))
    throw new TemplateError(`${typeName(value)} is not array or slice and cannot be filtered`);
  const { left, compare } = step;
  return value.filter(item => {
    const lefts = walk([item], left);
    if (compare === undefined) return lefts.length > 0;
    const rights = walk([item], compare.right);
    if (lefts.length > 1 || rights.length > 1)
      throw new TemplateError('can only compare one element at a time');
    if (lefts.length === 0 || rights.length === 0) return false;
    return holds(lefts[0], compare.operator, rights[0]);
  });
}

function holds(left: Value, operator: string, right: Value): boolean {
  const order = (test: (sign: number) => boolean): boolean => {
    if (typeof left === 'number' && typeof right === 'number') return test(Math.sign(left - right));
    if (typeof left === 'string' && typeof right === 'string')
      return test(left < right ? -1 : left > right ? 1 : 0);
    throw new TemplateError('incompatible types for comparison');
  };
  switch (operator) {
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return order(sign => sign < 0);
    case '<=':
      return order(sign => sign <= 0);
    case '>':
      return order(sign => sign > 0);
    case '>=':
      return order(sign => sign >= 0);
    default:
      throw new TemplateError(`unrecognized filter operator ${operator}`);
  }
}

function toText(value: Value): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

function typeName(value: Value): string {
  return isMap(value) ? 'map[string]interface {}' : typeof value === 'number' ? 'float64' : typeof value;
}
