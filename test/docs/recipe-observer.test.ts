import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecipeCopy } from './recipe-copy.ts';

const copy = new RecipeCopy('Adding an observer');

test('the recipe has five files, and following it touches no other', () => {
  assert.deepEqual(copy.touched(), [...new Set(copy.files(''))].sort());
  assert.deepEqual(copy.touched(), [
    'src/envoy/ext-proc/picker-state.ts',
    'src/proxy/worker/worker-main.ts',
    'src/request/index.ts',
    'src/request/observers/server-errors.test.ts',
    'src/request/observers/server-errors.ts',
  ]);
});

test('its types and its form are right', () => copy.lint());

test('its own test passes', () => copy.test(...copy.files('.test.ts')));

const BROKEN = 'HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n';

test('a worker of the embedded plane tells it of every request', async () => {
  const { TestGateway } = await copy.import<typeof import('../proxy/support/gateway.ts')>(
    'test/proxy/support/gateway.ts',
  );
  const gateway = new TestGateway({});
  await gateway.start();
  try {
    await gateway.serve(
      ({ wire }) => {
        wire.write(BROKEN);
      },
      async ({ send }) => {
        for (let i = 0; i < 2; i++)
          assert.equal((await send('GET / HTTP/1.1\r\nhost: a\r\n\r\n')).status, 500);
      },
    );
    const told = gateway.events.filter(event => event.includes('answers 500'));
    assert.equal(told.length, 1);
    assert.match(told[0] ?? '', /^warning: route .+ answers 500, first to the request \S+$/);
  } finally {
    await gateway.close();
  }
});

test('so does the picker of the Envoy plane', async () => {
  const { PickerState } = await copy.import<typeof import('../../src/envoy/ext-proc/picker-state.ts')>(
    'src/envoy/ext-proc/picker-state.ts',
  );
  const events: string[] = [];
  const state = new PickerState({ onEvent: message => events.push(message) });
  const decision = { atMs: 0, verdict: 'picked', candidates: [], route: 'r/0' } as const;
  state.context.observers.ended({ ...decision, requestId: 'a', status: 200 });
  state.context.observers.ended({ ...decision, requestId: 'b', status: 503 });
  await state.close();
  assert.deepEqual(events, ['route r/0 answers 503, first to the request b']);
});
