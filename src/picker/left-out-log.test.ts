import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LeftOut } from '../plan/index.ts';
import { LeftOutLog } from './left-out-log.ts';

const route = { kind: 'HTTPRoute', namespace: 'n', name: 'r' };
const gateway = { kind: 'Gateway', namespace: 'n', name: 'g' };
const policy = { kind: 'BackendTrafficPolicy', namespace: 'n', name: 'p' };
const message = 'it is too large';

function log() {
  const said: string[] = [];
  return { said, log: new LeftOutLog(text => said.push(text)) };
}

test('what becomes of it is said of each kind of part', () => {
  const { said, log: of } = log();
  of.tell([
    { source: route, rule: 1, message },
    { source: gateway, listener: 'web', message },
    { source: policy, message },
  ]);
  assert.deepEqual(said, [
    'rule 1 of HTTPRoute n/r cannot be served, requests for it get 500: it is too large',
    'listener web of Gateway n/g is not served: it is too large',
    'BackendTrafficPolicy n/p cannot be applied, requests for what it targets get 500: it is too large',
  ]);
});

test('each is said once, and again when it was served meanwhile', () => {
  const { said, log: of } = log();
  const leftOut: LeftOut[] = [{ source: route, rule: 0, message }];
  for (const each of [leftOut, leftOut, [], leftOut]) of.tell(each);
  assert.equal(said.length, 2);
});

test('of thousands twenty are said, and how many more there are', () => {
  const { said, log: of } = log();
  of.tell(Array.from({ length: 5_000 }, (_, rule) => ({ source: route, rule, message })));
  assert.equal(said.length, 21);
  assert.equal(said.at(-1), '4980 more parts of the plan are not served: statuses name them');
});
