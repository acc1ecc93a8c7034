import { gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import type { Figures } from './figures.ts';
import { parseFigures } from './parse-figures.ts';

/** What a model server answered to a scrape. */
export interface ScrapeAnswer {
  readonly status: number;
  /** '' where the answer does not say it. */
  readonly contentType: string;
  readonly contentEncoding: string;
  /** Valid until the next answer. */
  readonly body: Buffer;
}

/** What is shown of what a server calls itself or its answer. */
const MAX_SHOWN = 60;

/** @returns the figures; what was got instead, in words, where there are none */
export function readAnswer(answer: ScrapeAnswer, maxBytes: number): Figures | string {
  const { status, contentType } = answer;
  if (status !== 200) return `status ${status}`;
  let body: Buffer;
  try {
    body = decoded(answer, maxBytes);
  } catch (error) {
    return `a body that cannot be decoded (content-encoding ${shown(answer.contentEncoding)}): ${(error as Error).message}`;
  }
  const type = contentType === '' ? 'no content-type' : `content-type ${shown(contentType)}`;
  return parseFigures(body) ?? `a page without metrics of a known model server (${type})`;
}

/** Compressed although nobody asked for it (RFC 9110 section 12.5.3: without `accept-encoding` any coding will do). */
function decoded({ contentEncoding, body }: ScrapeAnswer, maxBytes: number): Buffer {
  const bound = { maxOutputLength: maxBytes };
  switch (contentEncoding.toLowerCase()) {
    case '':
    case 'identity':
      return body;
    case 'gzip':
    case 'x-gzip':
      return gunzipSync(body, bound);
    case 'deflate':
      return inflateSync(body, bound);
    case 'zstd':
      return zstdDecompressSync(body, bound);
    default:
      throw new Error('it is not known');
  }
}

/** A server's words, for a log: bounded, without control characters. */
function shown(text: string): string {
  return JSON.stringify(text.slice(0, MAX_SHOWN).replace(/[^\x20-\x7e]/g, '?'));
}
