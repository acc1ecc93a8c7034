import { closeSync, createReadStream, fstatSync, openSync, readFileSync } from 'node:fs';
import { decodeText } from './decode-text.ts';
import type { FileText } from './half-written.ts';

/** A file of more bytes than this is not a manifest. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** A file that can be read and is no manifest. */
export class UnfitFile extends Error {
  override readonly name = 'UnfitFile';
}

/** @throws Error when it cannot be read, is no text, or is larger than a manifest */
export function readManifestFile(path: string): FileText {
  const file = openSync(path, 'r');
  try {
    const { size, dev, ino } = fstatSync(file);
    if (size > MAX_FILE_BYTES) throw tooLarge();
    return { text: textOf(readFileSync(file)), identity: `${dev}:${ino}` };
  } finally {
    closeSync(file);
  }
}

/**
 * Reads a pipe or a device to its end, without keeping this thread from anything: whoever writes it may never come.
 * @throws Error as {@link readManifestFile}
 */
export async function readOnce(path: string): Promise<FileText> {
  return { text: await readStream(createReadStream(path)), identity: path };
}

/** @throws Error as {@link readManifestFile} */
export async function readStream(stream: AsyncIterable<unknown>): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of stream) {
    const bytes = Buffer.from(part as Buffer);
    size += bytes.length;
    if (size > MAX_FILE_BYTES) throw tooLarge();
    parts.push(bytes);
  }
  return textOf(Buffer.concat(parts));
}

function textOf(bytes: Uint8Array): string {
  const decoded = decodeText(bytes);
  if ('error' in decoded) throw new UnfitFile(decoded.error);
  return decoded.text;
}

function tooLarge(): UnfitFile {
  return new UnfitFile(`is larger than ${MAX_FILE_BYTES} bytes, the most that a manifest may have`);
}
