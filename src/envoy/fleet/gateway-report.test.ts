import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type GatewayReport, refusalText, troubleOf } from './gateway-report.ts';

const report = (more: Partial<GatewayReport> = {}): GatewayReport => ({
  version: 'v',
  connected: 1,
  taken: 1,
  served: true,
  ...more,
});
const nobody = report({ connected: 0, taken: 0, served: false });
const waiting = report({ taken: 0, served: false });

test('one Envoy that has taken all is enough, on whatever replica it is', () => {
  assert.equal(troubleOf(report()), undefined);
  assert.equal(troubleOf(nobody, [report()]), undefined);
  assert.equal(troubleOf(waiting, [report()]), undefined);
  assert.equal(troubleOf(report(), [waiting, nobody]), undefined);
});

test('an Envoy that refuses, on whatever replica, is told once', () => {
  const refused = report({ taken: 0, refusal: 'Envoy a says: no' });
  for (const [own, others] of [
    [refused, []],
    [nobody, [refused]],
    [report(), [refused]],
    [refused, [report(), refused]],
  ] as const)
    assert.deepEqual(troubleOf(own, others), { message: 'Envoy a says: no', absent: false });
  assert.equal(
    troubleOf(refused, [report({ refusal: 'Envoy b says: never' })])?.message,
    'Envoy a says: no; Envoy b says: never',
  );
});

test('nobody is connected anywhere', () => {
  assert.match(troubleOf(nobody, [nobody])?.message ?? '', /^no Envoy of this Gateway is connected/);
  assert.equal(troubleOf(nobody, [nobody])?.absent, true);
  assert.equal(troubleOf(nobody)?.absent, true);
});

test('an Envoy that refused and left counts until one is heard of that has not', () => {
  const left = report({ connected: 0, taken: 0, refusal: 'Envoy a says: no' });
  assert.equal(troubleOf(left)?.message, 'Envoy a says: no');
  assert.equal(troubleOf(left, [report()]), undefined);
  assert.equal(troubleOf(report(), [left]), undefined);
});

test('none has taken it yet: as long as an earlier part is served, that is no trouble', () => {
  assert.match(troubleOf(waiting)?.message ?? '', /not taken/);
  assert.equal(troubleOf(waiting)?.absent, false);
  assert.equal(troubleOf(report({ taken: 0 })), undefined);
  assert.equal(troubleOf(waiting, [report({ taken: 0 })]), undefined);
});

test('what is said of another part tells that something is served, and nothing else', () => {
  const other = (more: Partial<GatewayReport>) => report({ version: 'w', ...more });
  assert.equal(troubleOf(nobody, [other({})]), undefined);
  assert.equal(troubleOf(nobody, [other({ taken: 0, refusal: 'no' })]), undefined);
  assert.match(troubleOf(nobody, [other({ taken: 0, served: false })])?.message ?? '', /not taken/);
});

test('Envoys that say the same are named together, and long words are cut', () => {
  const says = (message: string, ...ids: string[]) => ids.map(id => ({ id, message }));
  assert.equal(refusalText([]), '');
  assert.equal(refusalText(says('no', 'a')), 'Envoy a says: no');
  assert.equal(
    refusalText([...says('no', 'c', 'a', 'b', 'e', 'd'), ...says('bad', 'f')]),
    'Envoy f says: bad; Envoys a, b, c and 2 more say: no',
  );
  assert.equal(refusalText(says('x'.repeat(5_000), 'a')).length, 'Envoy a says: '.length + 1_000);
});
