import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { envoyPath } from '../support/envoy.ts';
import { bootstrapSchemaLines } from './support/envoy-descriptors.ts';
import { extensionTypes } from './support/envoy-extension-types.ts';

/**
 * What an EnvoyProxy's bootstrap is judged by is what Envoy says of itself. `UPDATE_GOLDEN=1 node --test
 * test/envoy/bootstrap-schema.test.ts` writes it anew for another version of Envoy.
 */
const FOLDER = new URL('../../src/cluster/envoy-config/', import.meta.url);

test('the messages that a bootstrap is judged by are those of a real Envoy', async () => {
  const lines = bootstrapSchemaLines(await envoyPath());
  assert.ok(lines.length > 200);
  hold('bootstrap-schema.ts', lines);
});

test('the types of extensions that a bootstrap may name are those of a real Envoy', async () => {
  const types = await extensionTypes(await envoyPath());
  assert.ok(types.length > 300);
  hold('extension-types.ts', wrapped(types));
});

/** Between the backquotes of the file. */
function hold(file: string, lines: readonly string[]): void {
  const url = new URL(file, FOLDER);
  const text = readFileSync(url, 'utf8');
  const actual = text.replace(/`[^`]*`;/, () => `\`\n${lines.join('\n')}\n\`;`);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(url, actual);
  assert.equal(actual, readFileSync(url, 'utf8'));
}

function wrapped(words: readonly string[]): string[] {
  const lines = [''];
  for (const word of words) {
    const last = lines.at(-1)!;
    if (last.length + word.length > 120) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}
