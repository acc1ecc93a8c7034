import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { printTemplate, TemplateError } from './jsonpath.ts';
import { TemplateSyntaxError } from './jsonpath-parse.ts';

const nodes = {
  kind: 'List',
  items: [
    {
      kind: 'None',
      metadata: { name: '127.0.0.1', labels: { 'kubernetes.io/hostname': 'one' } },
      status: { capacity: { cpu: '4' }, ready: true, addresses: [{ type: 'Legacy', address: 'a' }] },
    },
    {
      kind: 'None',
      metadata: { name: '127.0.0.2' },
      status: {
        capacity: { cpu: '8' },
        ready: false,
        addresses: [
          { type: 'Legacy', address: 'b' },
          { type: 'Other', address: 'c' },
        ],
      },
    },
  ],
  users: [
    { name: 'myself', user: {} },
    { name: 'e2e', user: { username: 'admin', password: 'secret' } },
  ],
  numbers: [1, 2.2, 3, 4],
  'a.b': { c: 'dotted' },
};

// What kubectl prints, from the table of its documentation and its behaviour.
const table: readonly (readonly [template: string, output: string])[] = [
  ['plain text', 'plain text'],
  ['kind is {.kind}', 'kind is List'],
  ['{.kind}{"\\n"}', 'List\n'],
  ['{$.kind}', 'List'],
  ["{['kind']}", 'List'],
  ['{.items[*].metadata.name}', '127.0.0.1 127.0.0.2'],
  ['{.items[0].metadata.name}', '127.0.0.1'],
  ['{.items[-1].metadata.name}', '127.0.0.2'],
  ['{.numbers}', '[1,2.2,3,4]'],
  ['{.numbers[0:2]}', '1 2.2'],
  ['{.numbers[::2]}', '1 3'],
  ['{.numbers[-1:]}', '4'],
  ['{.numbers[1,3]}', '2.2 4'],
  ['{.numbers[?(@<3)]}', '1 2.2'],
  ["{.items[*]['metadata.name', 'status.capacity']}", '127.0.0.1 127.0.0.2 {"cpu":"4"} {"cpu":"8"}'],
  ['{.users[?(@.name=="e2e")].user.password}', 'secret'],
  ["{.users[?(@.name!='e2e')].name}", 'myself'],
  ['{.users[?(@.user.username)].name}', 'e2e'],
  ['{.items[?(@.status.ready==true)].metadata.name}', '127.0.0.1'],
  ['{.items[0].metadata.labels.kubernetes\\.io/hostname}', 'one'],
  ["{.items[0].metadata.labels['kubernetes\\.io/hostname']}", 'one'],
  ['{.a\\.b.c}', 'dotted'],
  ['{range .items[*]}[{.metadata.name}, {.status.capacity.cpu}] {end}', '[127.0.0.1, 4] [127.0.0.2, 8] '],
  ['{range .items[*]}{range .status.addresses[*]}{.address}, {end}{end}{.kind}', 'a, b, c, List'],
  ['{range .items[*]}{.metadata.name}{"\\t"}{end}', '127.0.0.1\t127.0.0.2\t'],
  ['{..address}', 'a b c'],
  ['{.items[*].status..type}', 'Legacy Legacy Other'],
  ['{.users[1].user.*}', 'secret admin'],
  ['{"{"}{.kind}{"}"}', '{List}'],
  ['before-{.absent}after', 'before-after'],
  ['{.absent[0].value}', ''],
  ['{range .absent[*]}{.x}{end}', ''],
  ['{.users[0].user}', '{}'],
];
for (const [template, output] of table)
  test(`prints ${template}`, () => assert.equal(printTemplate(template, nodes), output));

test("the page's template finds the gateway's address", () => {
  const gateway = { status: { addresses: [{ type: 'IPAddress', value: '127.0.0.1:10080' }] } };
  assert.equal(printTemplate('{.status.addresses[0].value}', gateway), '127.0.0.1:10080');
});

for (const [template, message] of [
  ['{.kind', /unclosed action/],
  ['{hello}', /unrecognized identifier hello/],
  ['{.numbers[}', /unterminated array/],
  ['{.numbers[x]}', /invalid array index x/],
  ['{.users[?(@.name=="e2e")}', /unclosed array/],
  ['{"abc}', /unterminated quoted string/],
  ['{.kind}{end}', /not in range/],
] as const)
  test(`refuses ${template}`, () =>
    assert.throws(
      () => printTemplate(template, nodes),
      error => error instanceof TemplateSyntaxError && message.test(error.message),
    ));

for (const [template, message] of [
  ['{.numbers[9]}', /index 9, length 4/],
  ['{.kind[0]}', /string is not array or slice/],
  ['{.numbers[?(@<>1)]}', /unrecognized filter operator <>/],
  ['{.numbers[?(@<"x")]}', /incompatible types/],
] as const)
  test(`fails on ${template}`, () =>
    assert.throws(
      () => printTemplate(template, nodes),
      error => error instanceof TemplateError && message.test(error.message),
    ));

test('any text gives output or one of the two errors, never another', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '.',
    '..',
    '*',
    '?(',
    ')',
    '@',
    '"',
    "'",
    '\\',
    'items',
    'range',
    'end',
    ' ',
    '0',
    '-1',
    ':',
    ',',
    '==',
    '<',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), pieces => {
      try {
        printTemplate(pieces.join(''), nodes);
      } catch (error) {
        assert.ok(error instanceof TemplateError || error instanceof TemplateSyntaxError, String(error));
      }
    }),
  );
});
