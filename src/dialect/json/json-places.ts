/** A place in a JSON value that is looked for, or one on the way to such. */
export interface JsonPlace<Fact> {
  /** The key of a member; '' at the root and for the elements of a list. */
  readonly name: string;
  readonly key: Buffer;
  /** What stands here; undefined: it is only on the way. */
  readonly fact: Fact | undefined;
  /** It is enough to know that a text, a list or an object here is not empty; nothing is kept of it. */
  readonly isFilling: boolean;
  /** Of an object here. */
  readonly members: readonly JsonPlace<Fact>[];
  /** Every element of a list here. */
  readonly element: JsonPlace<Fact> | undefined;
}

interface Draft<Fact> {
  name: string;
  key: Buffer;
  fact: Fact | undefined;
  isFilling: boolean;
  members: Draft<Fact>[];
  element: Draft<Fact> | undefined;
}

/**
 * @param facts `a.b` is the key `b` of the object under `a`; `[]` is each element of a list: `choices[].text`
 * @param filling the fact of which it is enough to know that it is there
 */
export function jsonPlaces<Fact>(facts: Readonly<Record<string, Fact>>, filling: Fact): JsonPlace<Fact> {
  const root = draft<Fact>('');
  for (const [path, fact] of Object.entries(facts)) {
    let at = root;
    for (const step of path.replaceAll('[]', '.[]').split('.')) if (step !== '') at = next(at, step);
    at.fact = fact;
    at.isFilling = fact === filling;
  }
  return root;
}

function draft<Fact>(name: string): Draft<Fact> {
  const key = Buffer.from(name);
  return { name, key, fact: undefined, isFilling: false, members: [], element: undefined };
}

function next<Fact>(at: Draft<Fact>, step: string): Draft<Fact> {
  if (step === '[]') {
    at.element ??= draft('');
    return at.element;
  }
  const known = at.members.find(({ name }) => name === step);
  if (known !== undefined) return known;
  const member = draft<Fact>(step);
  at.members.push(member);
  return member;
}
