import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { codeFiles, SRC } from '../docs/import-graph.ts';

test('decisions are written by a life and by the steps that it hands them to: others see them by a type that nobody can write', () => {
  const files = codeFiles();
  assert.ok(files.some(file => file.startsWith('request/')));
  const writers = files.filter(file => {
    const text = readFileSync(join(SRC, file), 'utf8');
    if (file.startsWith('request/') || !text.includes('/request/')) return false;
    return /\bdraft\b|\bDecisionDraft\b/.test(text);
  });
  assert.deepEqual(writers, []);
  const lives = files.filter(file => /this\.draft\b/.test(readFileSync(join(SRC, file), 'utf8'))).sort();
  assert.deepEqual(lives, [
    'request/gateway-life.ts',
    'request/life-record.ts',
    'request/life.ts',
    'request/sending/sending-life.ts',
  ]);
  assert.match(readFileSync(join(SRC, 'request/life-record.ts'), 'utf8'), /protected readonly draft\b/);
  const type = readFileSync(join(SRC, 'request/decision.ts'), 'utf8');
  const fields = /export interface Decision \{\n([\s\S]*?)\n\}/.exec(type)?.[1]?.split('\n') ?? [];
  const writable = fields.filter(line => /^ {2}\w+\??:/.test(line));
  assert.ok(fields.length > 10);
  assert.deepEqual(writable, []);
});
