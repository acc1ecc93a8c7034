import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { z } from 'zod';
import { KINDS } from '../../api/index.ts';
import { fieldsSet, POLICY_FIELDS, type PolicyPlace } from './policy-fields.ts';

interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly element?: z.ZodType;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
}

/** The last fields of a schema: `retry.retryOn.triggers`. */
function leaves(schema: z.ZodType, at: readonly string[] = []): string[] {
  const { type, shape = {}, element, innerType, in: input } = schema.def as Definition;
  const inner = innerType ?? input ?? element;
  if (inner !== undefined) return leaves(inner, at);
  const fields = type === 'object' ? Object.entries(shape) : [];
  return fields.length === 0
    ? [at.join('.')]
    : fields.flatMap(([name, field]) => leaves(field, [...at, name]));
}

const entry = KINDS.find(({ id }) => id === 'BackendTrafficPolicy');
const { shape } = entry!.schema.def as Definition;
const all = leaves(shape!['spec']!);
const TARGETS = ['targetRef', 'targetRefs', 'targetSelectors'];

for (const place of ['routes', 'pool'] as PolicyPlace[]) {
  const table = POLICY_FIELDS[place];
  test(`every field of a BackendTrafficPolicy on ${place} acts, decorates or restricts`, () => {
    const missing = all.filter(leaf => {
      const row = Object.keys(table).find(field => leaf === field || leaf.startsWith(`${field}.`));
      // A whole part of the API cannot be said to act: a field that is new in it need not.
      return row === undefined || (table[row] === 'acts' && row !== leaf && !TARGETS.includes(row));
    });
    assert.deepEqual(missing, []);
  });

  test(`the table of ${place} has no field that the schema does not have, and none twice`, () => {
    const rows = Object.keys(table);
    const isField = (row: string) => all.some(leaf => leaf === row || leaf.startsWith(`${row}.`));
    assert.deepEqual(
      rows.filter(row => !isField(row) || rows.some(other => row.startsWith(`${other}.`))),
      [],
    );
  });
}

test('what asks for nothing is as good as left out', () => {
  assert.deepEqual(fieldsSet({ compressor: [], useClientProtocol: false }, 'routes', 'decorates'), []);
  assert.deepEqual(fieldsSet({ retry: { numAttemptsPerPriority: 0 } }, 'routes', 'decorates'), [
    ['retry', 'numAttemptsPerPriority'],
  ]);
});
