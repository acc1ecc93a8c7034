import { type Document, isScalar, visit } from 'yaml';

export interface YamlProblem {
  readonly severity: 'error' | 'warning';
  readonly offset: number;
  readonly message: string;
}

/** What is wrong with a document as YAML. The parser's own search for equal keys takes time with the square of a map's size. */
export function yamlProblems(document: Document.Parsed): YamlProblem[] {
  // What goes wrong after a first error of syntax is its consequence.
  const [error] = document.errors;
  if (error !== undefined) return [{ severity: 'error', offset: error.pos[0], message: error.message }];
  const problems: YamlProblem[] = document.warnings.map(({ pos, message }) => ({
    severity: 'warning',
    offset: pos[0],
    message,
  }));
  const add = (offset: number | undefined, message: string) =>
    problems.push({ severity: 'error', offset: offset ?? document.range[0], message });
  // In the order of the document: an alias is of an anchor before it. (yaml's own search takes time with the square of them.)
  const anchors = new Set<string>();
  visit(document, {
    Alias: (_, alias) => {
      if (!anchors.has(alias.source)) add(alias.range?.[0], `unknown anchor ${JSON.stringify(alias.source)}`);
    },
    Scalar: (_, { anchor }) => {
      if (anchor !== undefined) anchors.add(anchor);
    },
    Seq: (_, { anchor }) => {
      if (anchor !== undefined) anchors.add(anchor);
    },
    Map: (_, map) => {
      if (map.anchor !== undefined) anchors.add(map.anchor);
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        if (!isScalar(key) || key.value === '<<') continue;
        if (seen.has(key.value))
          add(key.range?.[0], `key ${JSON.stringify(String(key.value))} already set in map`);
        seen.add(key.value);
      }
    },
  });
  return problems;
}
