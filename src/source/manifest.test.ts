import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseManifest } from './manifest.ts';

const head = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n';

function read(text: string) {
  const { entries, problems } = parseManifest('f.yaml', text);
  return {
    objects: entries.map(({ object }) => object as unknown as Record<string, unknown>),
    problems: problems.map(
      ({ line, column, severity, message }) => `${line}:${column} ${severity} ${message}`,
    ),
  };
}

test('YAML is read as kubectl reads it: yes and on are booleans, 0644 is octal', () => {
  const { objects, problems } = read(`${head}immutable: yes\n`);
  assert.deepEqual(problems, []);
  assert.equal(objects[0]?.['immutable'], true);
  assert.deepEqual(
    read(`${head}data: {a: on, b: 0644, c: 1_000, d: 1:20, e: 2026-01-01, f: "no"}\n`).problems,
    [
      '4:11 error ConfigMap default/a: data.a: Invalid value: "boolean": data.a in body must be of type string: "boolean"',
      '4:18 error ConfigMap default/a: data.b: Invalid value: "integer": data.b in body must be of type string: "integer"',
      '4:27 error ConfigMap default/a: data.c: Invalid value: "integer": data.c in body must be of type string: "integer"',
    ],
  );
  const pod =
    'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c}], priority: 0o17, x: 0644}\n';
  assert.match(JSON.stringify(read(pod).objects), /"priority":15/);
});

test('anchors and merge keys', () => {
  const { objects, problems } = read(
    'apiVersion: v1\nkind: ConfigMap\nmetadata: &m {name: a, labels: &l {x: z}}\ndata:\n  <<: *l\n  own: "1"\n',
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(objects[0]?.['data'], { x: 'z', own: '1' });
  assert.deepEqual(read(`${head}data: *nope\n---\n${head}`).problems, ['4:7 error unknown anchor "nope"']);
});

test('a key that is there twice', () => {
  const { objects, problems } = read(`${head}data: {k: a, k: b}\ndata: {}\n`);
  assert.deepEqual(problems, [
    '5:1 error key "data" already set in map',
    '4:14 error key "k" already set in map',
  ]);
  assert.deepEqual(objects, []);
});

test('a tag that means nothing is a warning', () => {
  const { objects, problems } = read(`${head}data: !mine {k: a}\n`);
  assert.deepEqual(problems, ['4:7 warning Unresolved tag: !mine']);
  assert.equal(objects.length, 1);
});

test('aliases that would fill the memory are refused', () => {
  const levels = Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(10)}]\n`);
  const { objects, problems } = read(`a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n${levels.join('')}`);
  assert.deepEqual(objects, []);
  assert.match(problems[0] ?? '', /^1:1 error .*alias/);
});

test('one error of syntax is one problem; the other documents are read', () => {
  const { objects, problems } = read(`${head}---\n{"apiVersion":"v1"}\n{"apiVersion":"v1"}\n---\n${head}`);
  assert.equal(objects.length, 2);
  assert.equal(problems.length, 1);
  assert.match(problems[0] ?? '', /^6:1 error /);
});

test('lists of kinds: an item has the kind of its list', () => {
  const list = (items: string) => `apiVersion: v1\nkind: ConfigMapList\nitems: ${items}\n`;
  assert.deepEqual(
    read(list('[{metadata: {name: a}}, {metadata: {name: b}}]')).objects.map(({ kind }) => kind),
    ['ConfigMap', 'ConfigMap'],
  );
  assert.deepEqual(read(list('[]')), { objects: [], problems: [] });
  assert.deepEqual(read('apiVersion: v1\nkind: List\n'), { objects: [], problems: [] });
  assert.deepEqual(read(list('{}')).problems, ['3:1 error items: expected a list of objects']);
  assert.match(read(list('[x]')).problems[0] ?? '', /^3:9 error /);
});

test('no text makes it throw', () => {
  const token = fc.constantFrom(
    '- ',
    '  ',
    '\n',
    '{',
    '}',
    '[',
    ']',
    ': ',
    '&a ',
    '*a',
    '!t ',
    '"',
    "'",
    '#',
    '|',
    '---\n',
    'kind',
    'List',
    '<<',
    '\t',
    '\r\n',
    'é',
  );
  fc.assert(
    fc.property(
      fc.array(token).map(parts => parts.join('')),
      text => void parseManifest('f', text),
    ),
  );
});

test('the time for a large map does not grow with its square', () => {
  const keys = Array.from({ length: 100_000 }, (_, i) => `  k${i}: v\n`);
  const began = process.cpuUsage();
  const { objects } = read(`${head}data:\n${keys.join('')}`);
  const { user, system } = process.cpuUsage(began);
  assert.equal(objects.length, 1);
  // About a second where it is linear, minutes where it is not.
  assert.ok((user + system) / 1e6 < 15, `${(user + system) / 1e6} s of CPU`);
});

test('an edit reads only the document that it changes; places of the others move with it', () => {
  const one = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: one }\n';
  const two = '---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: two }\ndata: { a: 1 }\n';
  const before = parseManifest('f.yaml', one + two);
  const after = parseManifest('f.yaml', `# new\n\n${one}${two}`, before);
  const places = ({ problems, entries }: typeof before) => [
    ...problems.map(({ line, column }) => `${line}:${column}`),
    ...entries.map(({ origin }) => Object.values(origin?.positionOf(['metadata', 'name']) ?? {}).join(':')),
  ];
  assert.deepEqual(places(before), ['8:12', '3:19']);
  assert.deepEqual(places(after), ['10:12', '5:19']);
  assert.deepEqual(places(after), places(parseManifest('f.yaml', `# new\n\n${one}${two}`)));
  assert.equal(before.parts.get(two), after.parts.get(two));
});
