import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { KINDS, UNSERVED_POLICIES } from '../../src/api/index.ts';
import { objectWith, right } from '../../src/api/right-objects-for-test.ts';
import { EXCEPTIONS, UNBREAKABLE } from './agreement/exceptions.ts';
import { mutations } from './agreement/mutations.ts';
import { rulesOfCrds } from './agreement/rules-of-crds.ts';
import { judge } from './agreement/verdict.ts';
import { type CrdGroup, Lab, type LabObject } from './lab/index.ts';

/** Those of the experimental channel: fields of the other one, and more, with the same defaults. */
const CRDS: readonly CrdGroup[] = [
  'gateway-api-experimental',
  'inference',
  'inference-v1alpha2',
  'envoy-gateway',
];
/** Requests to the API server at a time. */
const AT_ONCE = 8;

const root = join(import.meta.dirname, '../..');
const here = join(import.meta.dirname, 'agreement');
let lab: Lab;
/** What the API server has said to what it refused. */
const refusals: { readonly kind: string; readonly message: string }[] = [];
const usedExceptions = new Set<RegExp>();

before(async () => {
  lab = await Lab.start({ controllers: false, crds: CRDS });
});
after(() => lab?.stop());

interface Case {
  readonly title: string;
  readonly object: object;
}

/** Fails with all cases that are judged otherwise. */
async function agree(cases: readonly Case[]): Promise<void> {
  const differences: string[] = [];
  const left = [...cases];
  const worker = async () => {
    for (let each = left.pop(); each !== undefined; each = left.pop()) {
      const { refusal, difference } = await judge(lab, each.object);
      const { kind } = each.object as LabObject;
      if (refusal !== undefined) refusals.push({ kind, message: refusal });
      if (difference === undefined) continue;
      const [exception] = EXCEPTIONS.find(([title]) => title.test(each.title)) ?? [];
      if (exception === undefined) differences.push(`${each.title}: ${difference}`);
      else usedExceptions.add(exception);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  assert.deepEqual(differences.sort(), []);
}

function objectsOf(file: string): LabObject[] {
  return parseAllDocuments(readFileSync(file, 'utf8'))
    .map(document => (document as { toJS(): LabObject | null }).toJS())
    .filter(object => object !== null);
}

test('every manifest of examples/ is taken by both, with the same defaults', async () => {
  const objects = globSync('examples/**/*.{yaml,yml}', { cwd: root }).flatMap(file =>
    objectsOf(join(root, file)),
  );
  assert.ok(objects.length > 0);
  await agree(objects.map(object => ({ title: object.kind, object })));
  assert.deepEqual(refusals, []);
});

const tables = [
  join(root, 'src/api/testdata/api-server.txt'),
  join(here, 'rules.txt'),
  join(here, 'built-in.txt'),
];
for (const table of tables)
  test(`${basename(table)}: each line is judged alike`, async () => {
    const lines = readFileSync(table, 'utf8').split('\n');
    // Lines that are set in are what is expected.
    const cases = lines
      .filter(line => /^\w/.test(line))
      .map(line => {
        const [, id, path = '', value = ''] = /^(\w+) (.+?)=(.*)$/.exec(line) ?? [];
        assert.ok(id !== undefined && id in right, line);
        return {
          title: line,
          object: objectWith(id as keyof typeof right, path.split('.'), JSON.parse(value)),
        };
      });
    await agree(cases);
  });

for (const file of globSync('objects/*.yaml', { cwd: here }).sort())
  for (const object of objectsOf(join(here, file))) {
    const name = `${object.kind}/${object.metadata.name}`;
    test(`${object.apiVersion} ${name}: what is different in one field is judged alike`, async () => {
      await agree([{ title: name, object }]);
      await agree(mutations(object).map(each => ({ ...each, title: `${name} ${each.title}` })));
    });
  }

test('every rule of the CRDs was broken by one of them', async () => {
  // Of policies that are refused, only what they are about is read.
  const isRead = (group: string, kind: string) =>
    KINDS.some(each => each.group === group && each.kind === kind) &&
    !UNSERVED_POLICIES.some(unserved => unserved === kind);
  const broken = (rule: string) => {
    const [, kind, message] = /^(\w+): (.*)$/s.exec(rule) ?? [];
    return refusals.some(refusal => refusal.kind === kind && refusal.message.includes(message!));
  };
  const unbroken = (await rulesOfCrds(CRDS, isRead)).filter(rule => !broken(rule));
  assert.deepEqual(unbroken, UNBREAKABLE);
});

test('no exception is there in vain', () => {
  assert.deepEqual(
    EXCEPTIONS.filter(([title]) => !usedExceptions.has(title)),
    [],
  );
});
