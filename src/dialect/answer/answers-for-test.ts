import { readFileSync } from 'node:fs';
import { type Answer, answerScanner, dialectOf } from '../index.ts';
import { piecesOf } from './pieces-for-test.ts';

/** An answer's body, and the path that was asked. */
export interface Capture {
  readonly path: string;
  readonly body: string;
}

/** What real servers answered, by name. */
export function captures(): ReadonlyMap<string, Capture> {
  const text = readFileSync(new URL('../testdata/vllm-answers.txt', import.meta.url), 'utf8');
  const found = new Map<string, Capture>();
  for (const part of text.split('\n### ').slice(1)) {
    const line = part.indexOf('\n');
    const [name = '', path = ''] = part.slice(0, line).split(' ');
    found.set(name, { path, body: part.slice(line + 1) });
  }
  return found;
}

/** What is known of an answer when all of it has come. */
export function answerOf(path: string, body: string | Buffer, sizes: readonly number[] = [1 << 20]): Answer {
  const scanner = answerScanner(dialectOf(path), '');
  if (scanner === undefined) throw new Error('an answer that is not coded is not read');
  for (const piece of piecesOf(Buffer.from(body as string), sizes)) scanner.push(piece);
  const { id, model, finishReason, tokensIn, tokensCached, tokensOut, tokensReasoning } = scanner.answer;
  const { contentEvents, firstToken } = scanner.answer;
  return {
    ...{ id, model, finishReason, tokensIn, tokensCached, tokensOut, tokensReasoning },
    ...{ contentEvents, firstToken },
  };
}
