import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { codeFiles, SRC } from '../docs/import-graph.ts';

test('decisions are written in src/request alone: others see them by a type that nobody can write', () => {
  const files = codeFiles();
  assert.ok(files.some(file => file.startsWith('request/')));
  const writers = files.filter(file => {
    const text = readFileSync(join(SRC, file), 'utf8');
    if (file.startsWith('request/') || !text.includes('/request/')) return false;
    return /\bdraft\b|\bDecisionDraft\b/.test(text);
  });
  assert.deepEqual(writers, []);
  const type = readFileSync(join(SRC, 'request/decision.ts'), 'utf8');
  const fields = /export interface Decision \{\n([\s\S]*?)\n\}/.exec(type)?.[1]?.split('\n') ?? [];
  const writable = fields.filter(line => /^ {2}\w+\??:/.test(line));
  assert.ok(fields.length > 10);
  assert.deepEqual(writable, []);
});
