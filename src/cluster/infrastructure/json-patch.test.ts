import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JsonPatchOperation, jsonPatched } from './json-patch.ts';

type Case = readonly [unknown, JsonPatchOperation[], unknown];

/** RFC 6902, appendix A, with the numbers of its sections. */
const RFC: Readonly<Record<string, Case>> = {
  'A.1 add a member': [
    { foo: 'bar' },
    [{ op: 'add', path: '/baz', value: 'qux' }],
    { foo: 'bar', baz: 'qux' },
  ],
  'A.2 add an item': [
    { foo: ['bar', 'baz'] },
    [{ op: 'add', path: '/foo/1', value: 'qux' }],
    { foo: ['bar', 'qux', 'baz'] },
  ],
  'A.3 remove a member': [{ baz: 'qux', foo: 'bar' }, [{ op: 'remove', path: '/baz' }], { foo: 'bar' }],
  'A.4 remove an item': [{ foo: ['a', 'b', 'c'] }, [{ op: 'remove', path: '/foo/1' }], { foo: ['a', 'c'] }],
  'A.5 replace': [{ baz: 'qux' }, [{ op: 'replace', path: '/baz', value: 'boo' }], { baz: 'boo' }],
  'A.6 move a member': [
    { foo: { waldo: 'fred' }, qux: {} },
    [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }],
    { foo: {}, qux: { thud: 'fred' } },
  ],
  'A.7 move an item': [
    { foo: ['all', 'grass', 'cows', 'eat'] },
    [{ op: 'move', from: '/foo/1', path: '/foo/3' }],
    { foo: ['all', 'cows', 'eat', 'grass'] },
  ],
  'A.8 test': [{ foo: ['a', 2] }, [{ op: 'test', path: '/foo/1', value: 2 }], { foo: ['a', 2] }],
  'A.14 escapes': [{ '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: 10 }], { '/': 9, '~1': 10 }],
  'A.16 add to the end': [
    { foo: ['a'] },
    [{ op: 'add', path: '/foo/-', value: ['b'] }],
    { foo: ['a', ['b']] },
  ],
  'replaces a whole': [{ a: 1 }, [{ op: 'replace', path: '', value: [] }], []],
  copy: [{ a: { b: 1 } }, [{ op: 'copy', from: '/a', path: '/c' }], { a: { b: 1 }, c: { b: 1 } }],
};

for (const [name, [document, operations, result]] of Object.entries(RFC))
  test(`RFC 6902: ${name}`, () => {
    const before = structuredClone(document);
    assert.deepEqual(jsonPatched(document, operations), result);
    assert.deepEqual(document, before, 'what is patched stays as it was');
  });

test('add makes what is missing on its way', () => {
  const made = jsonPatched({}, [{ op: 'add', path: '/a/0/b', value: 1 }]);
  assert.deepEqual(made, { a: [{ b: 1 }] });
});

const clusters = { clusters: [{ name: 'x', a: { b: 1 } }, { name: 'y' }, { name: 'z', on: true }] };

test('a jsonPath selects where; path begins there', () => {
  const names = (jsonPath: string, path?: string) =>
    JSON.stringify(jsonPatched(clusters, [{ op: 'add', jsonPath, path, value: '!' }]));
  assert.match(names("$.clusters[?(@.name=='y')]", '/t'), /\{"name":"y","t":"!"\}/);
  assert.match(names("$.clusters[?(@.name!='y' && @.a.b==1)].name"), /"name":"!","a"/);
  assert.match(names('$.clusters[?(@.on)].on'), /"name":"z","on":"!"/);
  assert.match(names('$.clusters[-1].name'), /"name":"!","on"/);
  assert.equal(names('$..name').match(/"!"/g)?.length, 3);
  assert.equal(names("$['clusters'][*]", 't').match(/"t":"!"/g)?.length, 3);
});

test('all that a jsonPath selects in a list can be removed', () => {
  const operation: JsonPatchOperation = { op: 'remove', jsonPath: '$.clusters[?(@.name)]' };
  assert.deepEqual(jsonPatched(clusters, [operation]), { clusters: [] });
});

const WRONG: readonly (readonly [JsonPatchOperation, RegExp])[] = [
  [{ op: 'add', value: 1 }, /jsonPatches\[0\], add: expected path or jsonPath/],
  [{ op: 'add', path: '/a' }, /expected a value/],
  [{ op: 'remove', path: '/a', value: 1 }, /takes no value/],
  [{ op: 'move', path: '/a' }, /expected from/],
  [{ op: 'add', path: '/a', value: 1, from: '/b' }, /takes no from/],
  [{ op: 'add', path: 'a', value: 1 }, /expected "\/" first/],
  [{ op: 'remove', path: '/clusters/0/none' }, /there is nothing at \/clusters\/0\/none/],
  [{ op: 'replace', path: '/none', value: 1 }, /there is nothing at \/none/],
  [{ op: 'add', path: '/clusters/4', value: 1 }, /beyond the list, which has 3/],
  [{ op: 'add', path: '/clusters/01', value: 1 }, /beyond the list/],
  [{ op: 'add', path: '/clusters/0/name/x', value: 1 }, /neither an object nor a list/],
  [{ op: 'test', path: '/clusters/0/name', value: 'y' }, /has another value/],
  [{ op: 'remove', jsonPath: "$.clusters[?(@.name=='w')]" }, /selects nothing/],
  [{ op: 'remove', jsonPath: '$' }, /alone is not allowed/],
  [{ op: 'remove', jsonPath: '$.clusters[?(@.name=~/y/)]' }, /is not understood/],
  [{ op: 'remove', jsonPath: 'clusters' }, /expected "\$" first/],
];

for (const [operation, message] of WRONG)
  test(`${JSON.stringify(operation)} is refused`, () => {
    assert.throws(() => jsonPatched(clusters, [operation]), message);
  });

test('no field of an object’s prototype is reached', () => {
  const patched = jsonPatched({}, [{ op: 'add', path: '/__proto__/polluted', value: 1 }]);
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  assert.deepEqual(Object.keys(patched as object), ['__proto__']);
});
