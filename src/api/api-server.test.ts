import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { KnownKind } from './kinds.ts';
import { parseObject } from './parse-object.ts';
import { objectWith, right } from './right-objects-for-test.ts';

/**
 * `testdata/api-server.txt` holds what Kubernetes itself says (apiextensions-apiserver v0.34.1 with the CRDs of Gateway API
 * v1.6.1, Inference Extension v0.5.1 and v1.5.0, Envoy Gateway v1.9.0): a kind, one field of an object that is otherwise
 * right, and below it the errors and unknown fields, none where it is taken. An absent field is `null`.
 */
const table = readFileSync(new URL('testdata/api-server.txt', import.meta.url), 'utf8');

for (const id of Object.keys(right)) {
  test(`an API server takes the ${id} that the table changes`, () => {
    const { errors, warnings } = parseObject(objectWith(id as KnownKind));
    assert.deepEqual([errors, warnings], [[], []]);
  });
}

for (const block of table.split(/\n(?! )/).filter(text => text !== '')) {
  const [title = '', ...expected] = block.split('\n');
  const [, id, path = '', value = ''] = /^(\w+) (.+?)=(.*)$/.exec(title) ?? [];
  test(`as an API server: ${title}`, () => {
    const object = objectWith(id as KnownKind, path.split('.'), JSON.parse(value));
    const { errors, warnings } = parseObject(object);
    const actual = [...errors, ...warnings]
      .map(({ message }) => message.replace(/^strict decoding error: |; did you mean .*$/g, ''))
      .sort();
    assert.deepEqual(
      actual,
      expected.map(line => line.slice(2)),
    );
  });
}
