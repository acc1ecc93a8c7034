/** One requirement of a label selector. */
interface Requirement {
  readonly key: string;
  readonly holds: (value: string | undefined) => boolean;
}

const EQUALITY = /^([^=!,()\s]+)\s*(==|=|!=)\s*([^=!,()\s]*)$/;
const SET = /^([^=!,()\s]+)\s+(in|notin)\s*\(([^()]*)\)$/;
const EXISTS = /^(!?)\s*([^=!,()\s]+)$/;

/**
 * A label selector of kubectl's `-l`: `a=b,c!=d,e in (f,g),h notin (i),j,!k`.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 * @returns a predicate over labels, or undefined when the text is no selector
 */
export function parseSelector(
  text: string,
): ((labels: Readonly<Record<string, string>> | undefined) => boolean) | undefined {
  const requirements: Requirement[] = [];
  // Commas inside of parentheses part values, not requirements.
  for (const part of text.split(/,(?![^()]*\))/)) {
    if (part.trim() === '') continue;
    const requirement = parseRequirement(part.trim());
    if (requirement === undefined) return undefined;
    requirements.push(requirement);
  }
  return labels => requirements.every(({ key, holds }) => holds(labels?.[key]));
}

function parseRequirement(text: string): Requirement | undefined {
  const equality = EQUALITY.exec(text);
  if (equality !== null) {
    const [, key = '', operator, wanted = ''] = equality;
    return { key, holds: operator === '!=' ? value => value !== wanted : value => value === wanted };
  }
  const set = SET.exec(text);
  if (set !== null) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map(value => value.trim());
    return {
      key,
      holds:
        operator === 'in'
          ? value => value !== undefined && values.includes(value)
          : value => value === undefined || !values.includes(value),
    };
  }
  const exists = EXISTS.exec(text);
  if (exists === null) return undefined;
  return {
    key: exists[2] ?? '',
    holds: exists[1] === '!' ? value => value === undefined : value => value !== undefined,
  };
}
