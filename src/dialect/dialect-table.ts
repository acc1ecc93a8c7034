import type { Dialect } from './dialect.ts';
import { ANTHROPIC } from './dialects/anthropic.ts';
import { OPENAI } from './dialects/openai.ts';
import { RESPONSES } from './dialects/responses.ts';
import { SGLANG } from './dialects/sglang.ts';
import { VLLM } from './dialects/vllm.ts';

/** Every dialect. Of those that a path speaks the first counts. */
export const DIALECTS: readonly Dialect[] = [OPENAI, RESPONSES, ANTHROPIC, VLLM, SGLANG];

/** @param path without its query. Where nothing is known of it, OpenAI's is what most clients speak */
export function dialectOf(path: string): Dialect {
  for (const dialect of DIALECTS)
    for (const segments of dialect.paths) if (holdsSegments(path, segments)) return dialect;
  return OPENAI;
}

/** @param segments begins with a slash; in the path another slash or nothing follows */
function holdsSegments(path: string, segments: string): boolean {
  for (let at = path.indexOf(segments); at !== -1; at = path.indexOf(segments, at + 1)) {
    const end = at + segments.length;
    if (end === path.length || path[end] === '/') return true;
  }
  return false;
}
