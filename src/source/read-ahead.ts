import type { UnknownFields } from '../api/index.ts';
import { findManifests, kindOf } from './find-files.ts';
import { type Manifest, readAhead } from './manifest.ts';
import { readManifestFile } from './read-file.ts';

/** A start reads files of more characters than this in turns of the event loop. */
const LARGE_CHARACTERS = 1024 * 1024;

/** Large files, read in turns of the event loop. What is wrong with them is found, and told, by who reads them after this. */
export async function filesAhead(
  paths: readonly string[],
  unknownFields: UnknownFields | undefined,
): Promise<Map<string, Manifest>> {
  const ahead = new Map<string, Manifest>();
  for (const file of findManifests(paths.filter(path => path !== '-')).files)
    try {
      const read =
        kindOf(file) === 'special' ? undefined : await largeAhead(readManifestFile(file).text, unknownFields);
      if (read !== undefined) ahead.set(file, read);
    } catch {
      // It is read again.
    }
  return ahead;
}

export async function largeAhead(
  text: string,
  unknownFields: UnknownFields | undefined,
): Promise<Manifest | undefined> {
  return text.length < LARGE_CHARACTERS ? undefined : await readAhead(text, unknownFields);
}
