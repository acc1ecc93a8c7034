import type { ResourceEntry, UnknownFields } from '../api/index.ts';
import { LARGE_CHARACTERS, type Part, type Path, type Place, placeOf, problemAt, readPart } from './part.ts';
import type { SourceProblem } from './source.ts';

/** What one manifest file holds. */
export interface Manifest {
  readonly entries: readonly ResourceEntry[];
  readonly problems: readonly SourceProblem[];
  /** Objects with errors, which are not among the entries. */
  readonly broken: readonly BrokenObject[];
  /** What each part was read as: an edit of a large file reads the part that it changes. */
  readonly parts: ReadonlyMap<string, Part>;
}

/** An object that cannot be read. */
export interface BrokenObject {
  /** {@link keyOf} */
  readonly key: string;
  /** False: there is a slip in its apiVersion, kind, name or namespace. */
  readonly isIdentified: boolean;
  /** Of a policy, what it is about: to stand in for it where there is no good form of it. */
  readonly entry?: ResourceEntry;
}

/** A file of more text than this is not a manifest. */
const MAX_CHARACTERS = 64 * 1024 * 1024;

/**
 * Reads YAML (several documents) or JSON, which is YAML too. What is broken is a problem; the rest is read all the same.
 * @param before what an earlier text of the file was read as, with the same `unknownFields`
 */
export function parseManifest(
  file: string,
  text: string,
  before?: Manifest,
  unknownFields: UnknownFields = 'error',
): Manifest {
  if (text.length > MAX_CHARACTERS) {
    const problem = problemAt(1, 1, `larger than ${MAX_CHARACTERS} characters`);
    return { entries: [], problems: [{ ...problem, file }], broken: [], parts: new Map() };
  }
  const entries: ResourceEntry[] = [];
  const problems: SourceProblem[] = [];
  const broken: BrokenObject[] = [];
  const parts = new Map<string, Part>();
  let above = 0;
  for (const partText of splitDocuments(text)) {
    const part = parts.get(partText) ?? before?.parts.get(partText) ?? readPart(partText, unknownFields);
    parts.set(partText, part);
    const linesAbove = above;
    const below = ({ line, column }: Place) => ({ line: line + linesAbove, column });
    for (const { object, brokenKey, isIdentified, document, path, place } of part.found) {
      // To find the place of a field the part is parsed again.
      const positionOf = (more: Path) =>
        below(partText.length > LARGE_CHARACTERS ? place : placeOf(partText, document, [...path, ...more]));
      const entry = object && { object, origin: { file, ...below(place), positionOf } };
      if (brokenKey !== undefined) broken.push({ key: brokenKey, isIdentified, ...(entry && { entry }) });
      else if (entry !== undefined) entries.push(entry);
    }
    for (const problem of part.problems) problems.push({ ...problem, file, ...below(problem) });
    for (let at = partText.indexOf('\n'); at !== -1; at = partText.indexOf('\n', at + 1)) above++;
  }
  return { entries, problems, broken, parts };
}

/** At document markers (YAML 1.2.2 section 9.1.4); a text with directives or document ends stays in one piece. */
export function splitDocuments(text: string): string[] {
  if (text.length > MAX_CHARACTERS) return [];
  return /^(?:%|\.\.\.)/m.test(text) ? [text] : text.split(/(?<=\n)(?=---(?:\s|$))/);
}
