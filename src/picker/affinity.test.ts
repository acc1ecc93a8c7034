import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameHash } from '../endpoints/index.ts';
import { askedFor } from './asked-for-test.ts';
import { NOW, setUp } from './picker-for-test.ts';

test('where an endpoint keeps what is asked about, the best of the others is the runner-up', () => {
  const { figures, result } = setUp(3);
  figures(0, { waiting: 5 });
  figures(1, { waiting: 0 });
  figures(2, { waiting: 2 });
  const { index, runnerUp, fallbacks } = result({ owner: 0 }, [], NOW, 2);
  assert.deepEqual([index, runnerUp, [...fallbacks]], [0, 1, [1, 2]]);
});

test('the same prompt goes where it went, until that endpoint has much more to do', () => {
  const { endpoints, figures, pick, serve } = setUp(4);
  for (let slot = 0; slot < 4; slot++) figures(slot, {});
  const { prompt } = askedFor({
    messages: [{ role: 'system', content: 'You are helpful. '.repeat(40) }],
  });
  const first = serve({ prompt });
  for (let i = 0; i < 20; i++) assert.equal(pick({ prompt }), first);
  for (let i = 0; i < 100; i++) endpoints.enter(first);
  figures(first, { running: 50, waiting: 50, kvCacheUsage: 0.95 });
  assert.notEqual(pick({ prompt }), first);
});

test('an adapter goes where it is loaded; a server whose slots are full is filtered while others have room', () => {
  const { figures, pick, explain } = setUp(3);
  figures(0, { runningAdapters: ['x', 'y'] });
  figures(1, { runningAdapters: ['sql'] });
  figures(2, {});
  assert.equal(pick({ model: 'sql' }), 1);
  assert.equal(explain()?.[0]?.removedBy, 'lora-slot-available');
  figures(1, { runningAdapters: ['a', 'b'] });
  figures(2, { runningAdapters: ['a', 'b'] });
  assert.ok(pick({ model: 'sql' }) >= 0, 'all are full: none is filtered');
});

test('an adapter stays where it was sent, until that server has used others since', () => {
  const { figures, serve } = setUp(4);
  for (let slot = 0; slot < 4; slot++) figures(slot, {});
  const home = serve({ model: 'sql' });
  for (let i = 0; i < 10; i++) assert.equal(serve({ model: 'sql' }), home);
  // Six adapters on four servers with two slots each: each finds a home and keeps it.
  const names = ['sql', 'a', 'b', 'c', 'd', 'e'];
  const homes = names.map(model => serve({ model }));
  for (let round = 0; round < 3; round++)
    assert.deepEqual(
      names.map(model => serve({ model })),
      homes,
    );
});

test('a request that was not served attracts nothing: neither its prompt nor its adapter', () => {
  const { figures, pick, explain } = setUp(4);
  for (let slot = 0; slot < 4; slot++) figures(slot, {});
  const { prompt } = askedFor({ prompt: 'You are helpful. '.repeat(40) });
  const picks = new Set(Array.from({ length: 60 }, () => pick({ prompt, model: 'sql' })));
  assert.equal(picks.size, 4);
  assert.ok(
    explain()?.every(({ scores }) => scores.find(({ scorer }) => scorer.startsWith('prefix'))?.score === 0),
  );
});

test('an endpoint without a model gets no requests for it, until it is over, it serves one, or nobody has it', () => {
  const { picker, pick, explain } = setUp(3);
  const lacks = (slot: number, model: string) =>
    picker.lacks(slot, { model: nameHash(model), blocks: [] }, NOW);
  lacks(0, 'sql');
  lacks(1, 'sql');
  for (let i = 0; i < 10; i++) assert.equal(pick({ model: 'sql' }), 2);
  assert.equal(explain()?.[0]?.removedBy, 'model-absent');
  assert.equal(new Set(Array.from({ length: 60 }, () => pick({ model: 'other' }))).size, 3);
  assert.equal(new Set(Array.from({ length: 60 }, () => pick({ model: 'sql' }, [], NOW + 31_000))).size, 3);
  picker.learn(1, { model: nameHash('sql'), blocks: [] }, NOW);
  assert.ok(new Set(Array.from({ length: 60 }, () => pick({ model: 'sql' }))).has(1));
  lacks(1, 'sql');
  lacks(2, 'sql');
  assert.equal(new Set(Array.from({ length: 60 }, () => pick({ model: 'sql' }))).size, 3);
  // Names that somebody makes up push out what was known, and take no more room.
  for (let i = 0; i < 1000; i++) lacks(0, `made up ${i}`);
  assert.ok(pick({ model: 'sql' }) >= 0);
});
