import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConnectedEnvoy } from '../xds/server.ts';
import { makeSnapshot } from '../xds/snapshot.ts';
import type { GatewayPart } from './gateway-parts.ts';
import { GatewayState, standingOf } from './gateway-state.ts';

const part = (version: string) => ({ version }) as GatewayPart;
const envoy = (settled: boolean, ...messages: string[]) =>
  ({ settled, rejections: messages.map(message => ({ message })) }) as unknown as ConnectedEnvoy;

test('how Envoys stand: one that has taken all is enough, one that refuses too', () => {
  assert.equal(standingOf([]).kind, 'absent');
  assert.equal(standingOf([envoy(false)]).kind, 'waiting');
  assert.equal(standingOf([envoy(false), envoy(true)]).kind, 'taken');
  assert.deepEqual(standingOf([envoy(true), envoy(true, 'b', 'a'), envoy(true, 'a')]), {
    kind: 'refused',
    message: 'a; b',
  });
  // Half of an answer: what is refused may be of an older snapshot.
  assert.equal(standingOf([envoy(false, 'a')]).kind, 'waiting');
});

test('what is refused is followed by the last good state, and stays refused until something else is wanted', () => {
  const [first, second, third] = [makeSnapshot({}), makeSnapshot({}), makeSnapshot({})];
  const state = new GatewayState(part('1'), first);
  assert.match(state.trouble({ kind: 'absent' }) ?? '', /no Envoy/);
  assert.match(state.trouble({ kind: 'waiting' }) ?? '', /not taken/);
  assert.equal(state.note({ kind: 'taken' }), undefined);
  assert.equal(state.trouble({ kind: 'taken' }), undefined);

  state.want(part('2'), second);
  assert.equal(state.trouble({ kind: 'waiting' }), undefined, 'the one before is served meanwhile');
  assert.equal(state.note({ kind: 'refused', message: 'no' }), first);
  assert.equal(state.told, first);
  // They take the old one again.
  assert.equal(state.note({ kind: 'taken' }), undefined);
  assert.equal(state.trouble({ kind: 'taken' }), 'Envoy says: no');
  assert.equal(state.good?.part.version, '1');

  state.want(part('3'), third);
  state.note({ kind: 'taken' });
  assert.equal(state.trouble({ kind: 'taken' }), undefined);
  assert.equal(state.good?.part.version, '3');
});

test('the first that is refused has nothing to go back to', () => {
  const state = new GatewayState(part('1'), makeSnapshot({}));
  assert.equal(state.note({ kind: 'refused', message: 'no' }), undefined);
  assert.equal(state.trouble({ kind: 'waiting' }), 'Envoy says: no');
});
