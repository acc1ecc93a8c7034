import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeSnapshot } from '../xds/snapshot.ts';
import type { ConnectedEnvoy } from '../xds/xds-server.ts';
import type { GatewayPart } from './gateway-parts.ts';
import { GatewayState, type Writer } from './gateway-state.ts';

const part = (version: string): GatewayPart => ({
  version,
  servers: [],
  clusters: [],
  pools: [],
  limits: [],
});
const streams = { a: { a: 1 }, b: { b: 1 } };
const envoy = (id: keyof typeof streams, settled: boolean, ...messages: string[]) =>
  ({
    stream: streams[id],
    node: { id },
    settled,
    rejections: messages.map(message => ({ type: 'route', name: 'r', message })),
  }) as unknown as ConnectedEnvoy;

const [first, second] = [makeSnapshot({}), makeSnapshot({})];
const writer: Writer = {
  snapshotOf: ({ version }) => (version === '1' ? first : second),
  unwritable: () => [],
};
/** Without a part that can be blamed for what is refused, as these have none. */
const back = (state: GatewayState, envoys: ConnectedEnvoy[], atMs: number) => [
  ...state.note(envoys, atMs).alone.keys(),
];

/** Both Envoys have taken the first part, and are told the second. */
function started(): GatewayState {
  const state = new GatewayState(part('1'), writer, { firstMs: 10, maxMs: 30 });
  state.note([envoy('a', true), envoy('b', true)], 0);
  assert.equal(state.good?.snapshot, first);
  state.want(part('2'));
  return state;
}

test('before any has taken it; when one has; when one that had answers something new', () => {
  const state = new GatewayState(part('1'), writer);
  const counts = (...envoys: ConnectedEnvoy[]) => {
    state.note(envoys, 0);
    const { connected, taken, served, refusal } = state.report(envoys);
    return [connected, taken, served, refusal];
  };
  assert.deepEqual(counts(), [0, 0, false, undefined]);
  assert.deepEqual(counts(envoy('a', false)), [1, 0, false, undefined]);
  // Half of an answer: what is refused may be of an older snapshot.
  assert.deepEqual(counts(envoy('a', false, 'no')), [1, 0, false, undefined]);
  assert.deepEqual(counts(envoy('a', false), envoy('b', true)), [2, 1, true, undefined]);
  const goodVersion = () => state.good?.part.version;
  assert.equal(goodVersion(), undefined, 'the other may still refuse it');
  assert.deepEqual(counts(envoy('a', true), envoy('b', true)), [2, 2, true, undefined]);
  assert.equal(goodVersion(), '1');
  assert.deepEqual(counts(envoy('a', false)), [1, 0, true, undefined]);
});

test('one that refuses goes back to what was good, alone, and stays refused until something else is wanted', () => {
  const state = started();
  assert.deepEqual(back(state, [envoy('a', true), envoy('b', false)], 100), []);
  assert.deepEqual(back(state, [envoy('a', true), envoy('b', true, 'y', 'x', 'y')], 101), [streams.b]);
  assert.deepEqual([...state.exceptions], [[streams.b, first]]);
  // It takes the old one again.
  assert.deepEqual(back(state, [envoy('a', true), envoy('b', true)], 102), []);
  const report = state.report([envoy('a', true), envoy('b', true)]);
  assert.deepEqual(report, {
    version: '2',
    connected: 2,
    taken: 1,
    served: true,
    refusal: 'Envoy b says: x; y',
  });
  assert.equal(state.good?.part.version, '1');

  state.want(part('3'));
  state.note([envoy('a', true), envoy('b', true)], 103);
  assert.equal(state.report([envoy('a', true)]).refusal, undefined);
  assert.equal(state.good?.part.version, '3');
});

test('it is tried again, later and later, until it is taken', () => {
  const state = started();
  assert.equal(state.nextRetryMs, Number.POSITIVE_INFINITY);
  const refuse = (atMs: number) => back(state, [envoy('b', true, 'no')], atMs);
  refuse(100);
  for (const [dueMs, answeredMs] of [
    [110, 112],
    [132, 133],
    [163, 170],
    [200, 200],
  ] as const) {
    assert.equal(state.nextRetryMs, dueMs);
    assert.deepEqual([...state.retries(dueMs - 1).keys()], []);
    assert.deepEqual([...state.retries(dueMs).keys()], [streams.b]);
    assert.deepEqual([...state.exceptions], [[streams.b, second]], 'it is told the wanted part');
    assert.deepEqual([...state.retries(dueMs + 1).keys()], [], 'once');
    assert.deepEqual(back(state, [envoy('b', false)], dueMs + 1), []);
    assert.match(state.report([envoy('b', false)]).refusal ?? '', /no/, 'its words stay meanwhile');
    assert.deepEqual(refuse(answeredMs), [streams.b]);
  }
  state.retries(230);
  state.note([envoy('b', true)], 231);
  assert.deepEqual(state.report([envoy('b', true)]), { version: '2', connected: 1, taken: 1, served: true });
  assert.equal(state.good?.part.version, '2');
  assert.equal(state.nextRetryMs, Number.POSITIVE_INFINITY);
});

test('one that refused and is gone is forgotten when another has taken it', () => {
  const state = started();
  state.note([envoy('b', true, 'no')], 100);
  state.note([], 101);
  assert.equal(state.refusers, 0);
  assert.match(state.report([]).refusal ?? '', /Envoy b says: no/);
  state.note([envoy('a', false)], 102);
  assert.match(state.report([envoy('a', false)]).refusal ?? '', /Envoy b says: no/);
  state.note([envoy('a', true)], 103);
  assert.equal(state.report([envoy('a', true)]).refusal, undefined);
});

test('the first that is refused has nothing to go back to, and is tried again all the same', () => {
  const state = new GatewayState(part('1'), writer, { firstMs: 10, maxMs: 30 });
  assert.deepEqual(back(state, [envoy('a', true, 'no')], 0), []);
  assert.equal(state.report([envoy('a', true, 'no')]).refusal, 'Envoy a says: no');
  assert.deepEqual([...state.retries(10).keys()], [streams.a]);
});

test('what Envoys of other replicas keep is known here too: they ask this picker by its names', () => {
  const state = new GatewayState(part('1'), writer);
  const far = (version: string, taken: number, refusal?: string) =>
    state.noteOthers([
      { version: 'x', connected: 0, taken: 0, served: false, refusal: 'of one that is gone' },
      { version, connected: 2, taken, served: true, ...(refusal !== undefined && { refusal }) },
    ]);
  const kept = () => state.kept.map(({ version }) => version);
  far('1', 1);
  state.want(part('2'));
  far('2', 1, 'no');
  assert.deepEqual(kept(), [], 'none was taken by all');
  far('2', 2);
  assert.deepEqual(kept(), []);
  state.want(part('3'));
  far('2', 2);
  assert.deepEqual(kept(), []);
  far('3', 1, 'no');
  assert.deepEqual(kept(), ['2']);
  state.want(part('4'));
  far('3', 1, 'no');
  assert.deepEqual(kept(), ['2']);
  far('4', 2);
  assert.deepEqual(kept(), []);
  // And its own.
  state.note([envoy('a', true)], 0);
  state.want(part('5'));
  state.note([envoy('a', true, 'no')], 1);
  assert.deepEqual(kept(), ['4']);
  far('5', 0, 'no');
  assert.deepEqual(kept(), ['4']);
});
