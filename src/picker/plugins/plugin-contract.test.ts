import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nameHash } from '../../endpoints/index.ts';
import { inputForTest, scraped } from './input-for-test.ts';
import { FILTERS, SCORERS } from './list.ts';
import { valuesOf } from './parameter.ts';
import type { PickInput } from './pick-input.ts';
import type { Filter, Need, Scorer } from './plugin.ts';

/** What every plugin of the list must hold to, whoever wrote it. */
const PLUGINS: readonly (Filter | Scorer)[] = [...FILTERS, ...SCORERS];
const FIRST_REASON = 10;

const candidate = fc.record({
  running: fc.nat(1000),
  waiting: fc.nat(1000),
  kvCacheUsage: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constant(Number.NaN)),
  adapters: fc.constantFrom([], ['sql'], ['a', 'b']),
  inFlight: fc.nat(5),
  ageMs: fc.constantFrom(0, 1500, 60_000),
  removed: fc.boolean(),
  scrapes: fc.boolean(),
});
type Candidate = typeof candidate extends fc.Arbitrary<infer T> ? T : never;

function inputOf(candidates: readonly Candidate[], tried: readonly number[]): PickInput {
  const input = inputForTest(candidates.length, { model: nameHash('sql'), tried });
  candidates.forEach(({ adapters, ageMs, inFlight, removed, scrapes, ...figures }, slot) => {
    for (let i = 0; i < inFlight; i++) input.table.enter(slot);
    if (scrapes) scraped(input, slot, { ...figures, runningAdapters: adapters }, ageMs);
    if (removed) input.removed[slot] = 1;
  });
  return input;
}

const world = fc
  .tuple(fc.array(candidate, { minLength: 1, maxLength: 20 }), fc.array(fc.nat(25), { maxLength: 3 }))
  .map(([candidates, tried]) => inputOf(candidates, tried));

test('names are all different, and every parameter says what it is and has a default that it takes', () => {
  const names = PLUGINS.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  const reasons = FILTERS.flatMap(filter => filter.reasons);
  assert.equal(new Set(reasons).size, reasons.length);
  for (const { name, parameters } of PLUGINS)
    for (const [parameter, { default: value, unit, expected, meaning, isValid }] of Object.entries(
      parameters,
    )) {
      assert.ok(isValid(value), `${name}: ${parameter}`);
      assert.ok(
        [unit, expected, meaning].every(text => text !== ''),
        `${name}: ${parameter}`,
      );
    }
});

test('a scorer gives every candidate 0..1, and writes nothing beyond them', () => {
  for (const scorer of SCORERS)
    fc.assert(
      fc.property(world, input => {
        const { length } = input.slots;
        const scores = new Float64Array(length + 4).fill(Number.NaN);
        scorer.prepare(valuesOf(scorer.parameters))(input, scores);
        for (const score of scores.subarray(0, length)) assert.ok(score >= 0 && score <= 1, scorer.name);
        assert.ok(scores.subarray(length).every(Number.isNaN), scorer.name);
      }),
      { numRuns: 50 },
    );
});

test('a filter writes its own reasons alone; only the first may look at what is removed already', () => {
  for (const [i, filter] of FILTERS.entries())
    fc.assert(
      fc.property(world, input => {
        const { length } = input.slots;
        const removed = new Uint8Array(length + 4);
        if (i > 0) removed.set(input.removed);
        filter.prepare(valuesOf(filter.parameters), FIRST_REASON)(input, removed);
        for (const [at, why] of removed.entries()) {
          const isOwn = why >= FIRST_REASON && why < FIRST_REASON + filter.reasons.length;
          const before = i > 0 && at < length ? input.removed[at] : 0;
          assert.ok(before === 0 ? why === 0 || (isOwn && at < length) : why === before, filter.name);
        }
      }),
      { numRuns: 50 },
    );
});

const READS: Readonly<Record<string, Need>> = {
  running: 'running',
  waiting: 'waiting',
  kvCacheUsage: 'kv-cache',
  adapterState: 'adapters',
};

/** The same input, that notes what of body and figures is read. */
function watched(input: PickInput, read: Set<Need>): PickInput {
  const table = new Proxy(input.table, {
    get(target, name) {
      const need = READS[String(name)];
      if (need !== undefined) read.add(need);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return {
    ...input,
    table,
    get model() {
      read.add('model');
      return input.model;
    },
    get blocks() {
      read.add('prompt');
      return input.blocks;
    },
  };
}

test('a plugin reads what it says that it needs or looks at, and nothing else', () => {
  for (const plugin of PLUGINS) {
    const input = inputForTest(2, { model: nameHash('sql') });
    for (const slot of [0, 1]) scraped(input, slot, { runningAdapters: ['a', 'b'] });
    const read = new Set<Need>();
    const seen = watched(input, read);
    const rows = 'reasons' in plugin ? new Uint8Array(2) : new Float64Array(2);
    if ('reasons' in plugin) plugin.prepare(valuesOf(plugin.parameters), 1)(seen, rows as Uint8Array);
    else plugin.prepare(valuesOf(plugin.parameters))(seen, rows as Float64Array);
    const said = [...plugin.needs, ...(('looksAt' in plugin && plugin.looksAt) || [])];
    assert.deepEqual([...read].sort(), [...said].sort(), plugin.name);
  }
});
