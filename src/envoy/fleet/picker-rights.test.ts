import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cluster } from '../../plan/index.ts';
import { RETIRED_MS } from '../retired-plans.ts';
import type { GatewayPart } from './gateway-parts.ts';
import { PickerRights } from './picker-rights.ts';

const part = (...pools: string[]) =>
  ({
    clusters: [{ name: 'service' } as Cluster, ...pools.map(name => ({ name, pool: 'ns/pool' }) as Cluster)],
  }) as unknown as GatewayPart;

test('an Envoy may ask about what its own Gateway’s routes lead to, and only there', () => {
  const rights = new PickerRights(gateway => `uri:${gateway}`);
  rights.apply(
    [
      ['ns/one', part('a', 'both')],
      ['ns/two', part('b', 'both')],
      ['ns/two', part('kept')],
    ],
    0,
  );
  const may = (gateway: string) =>
    ['a', 'b', 'both', 'kept', 'service', 'unknown'].filter(name =>
      rights.allows([`uri:${gateway}`], name, 0),
    );
  assert.deepEqual(may('ns/one'), ['a', 'both']);
  assert.deepEqual(may('ns/two'), ['b', 'both', 'kept']);
  assert.deepEqual(may('ns/three'), []);
  assert.equal(rights.allows([], 'a', 0), false);
  assert.equal(rights.allows(['other', 'uri:ns/one'], 'a', 0), true);
});

test('what a plan has no more may be asked about as long as requests may be on their way', () => {
  const rights = new PickerRights(gateway => gateway);
  rights.apply([['one', part('a')]], 0);
  rights.apply([], 100);
  rights.apply([['one', part('b')]], 200);
  const may = (name: string, nowMs: number) => rights.allows(['one'], name, nowMs);
  assert.equal(may('a', 99 + RETIRED_MS), true);
  assert.equal(may('a', 100 + RETIRED_MS), false);
  assert.equal(may('b', 1e9), true);
  rights.apply([['one', part('a')]], 300);
  assert.equal(may('a', 1e9), true, 'it is back');
  rights.apply([], 101 + RETIRED_MS);
  rights.apply([], 200 + 3 * RETIRED_MS);
  assert.equal(may('a', 0), false, 'it is forgotten');
});
