import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BreakwaterError, ERRORS, isErrorCode } from './breakwater-error.ts';

const page = fileURLToPath(new URL('../../docs/reference/errors.md', import.meta.url));

test('docs/reference/errors.md holds the table (UPDATE_GOLDEN=1 writes it)', () => {
  const wanted = [
    '# Errors',
    '',
    'Each error has a stable code. Commands print it as `error: MESSAGE [CODE]` on standard error and end with exit code 1;',
    'the admin API answers with the status below and `{"error": {"code", "message", "action"}}`.',
    'Messages that kubectl users know (`Error from server (NotFound): …`) are printed as kubectl prints them.',
    '',
    '| code | HTTP status | what it says | what to do |',
    '| --- | --- | --- | --- |',
    ...Object.entries(ERRORS).map(
      ([code, entry]) =>
        `| <a id="${code.toLowerCase()}"></a>\`${code}\` | ${entry.status} | ${entry.summary} | ${entry.action} |`,
    ),
    '',
  ].join('\n');
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(dirname(page), { recursive: true });
    writeFileSync(page, wanted);
  }
  assert.equal(readFileSync(page, 'utf8'), wanted);
});

test('an error knows its status and what to do', () => {
  const error = new BreakwaterError('BW_NOT_FOUND', 'x');
  assert.equal(error.status, 404);
  assert.match(error.action, /breakwater get/);
  assert.ok(isErrorCode(error.code));
  assert.ok(!isErrorCode('toString'));
});
