import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Failure } from './api-failure.ts';
import { KindStore } from './kind-store.ts';
import { ModelServer } from './model-server-for-test.ts';
import { advance, INITIAL, type WatchInput, type WatchState } from './watch-state.ts';

const KIND = { group: '', kind: 'ConfigMap', plural: 'configmaps' };

type Happening =
  | { readonly type: 'put'; readonly name: string }
  | { readonly type: 'delete'; readonly name: string }
  /** The server forgets all before now: old resourceVersions and continue tokens are answered with 410. */
  | { readonly type: 'compact' }
  | { readonly type: 'serve'; readonly served: boolean }
  /** The reader does its next step; of a watch, so many events, then it is cut. */
  | { readonly type: 'step'; readonly events: number }
  | { readonly type: 'fail'; readonly kind: Failure['kind'] };

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('put' as const), name }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('delete' as const), name }) },
  { weight: 1, arbitrary: fc.constant({ type: 'compact' as const }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('serve' as const), served: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('step' as const), events: fc.nat(4) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('fail' as const),
      kind: fc.constantFrom(
        'unreachable' as const,
        'forbidden' as const,
        'refused' as const,
        'too-large' as const,
      ),
    }),
  },
);

/** Does what {@link Reflector} does, with a server that is a value. */
class Reader {
  state: WatchState = INITIAL;
  readonly store = new KindStore(KIND);
  readonly server: ModelServer;

  constructor(server: ModelServer) {
    this.server = server;
  }

  take(input: WatchInput): void {
    this.state = advance(this.state, input, 0.5);
  }

  step(events: number): void {
    const { phase } = this.state;
    switch (phase.name) {
      case 'waiting':
        this.take({ type: 'waited' });
        break;
      case 'discovering':
        if (!this.server.served) this.store.clear();
        this.take({ type: 'discovered', version: this.server.served ? 'v1' : undefined });
        break;
      case 'listing': {
        // Pages of two, so that a few objects are several pages.
        const page = this.server.list(phase.limit === 0 ? 0 : 2, phase.continue);
        if ('failure' in page) this.take({ type: 'failed', failure: page.failure });
        else {
          if (phase.continue === undefined) this.store.beginList();
          this.store.page(page.items, 'v1');
          if (page.continue === undefined) this.store.endList();
          this.take({ type: 'page', ...page });
        }
        break;
      }
      case 'watching': {
        const found = this.server.watch(Number(phase.resourceVersion));
        if ('failure' in found) {
          this.take({ type: 'failed', failure: found.failure });
          break;
        }
        this.take({ type: 'opened' });
        for (const { type, object } of found.events.slice(0, events)) {
          if (type === 'DELETED') this.store.delete(object);
          else if (type !== 'BOOKMARK') this.store.put(object, 'v1');
          this.take({ type: 'progress', resourceVersion: object.metadata.resourceVersion! });
        }
        this.take({ type: 'closed' });
      }
    }
  }
}

test('whatever happens in whatever order, the reader has the objects of the server once it is left in peace', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 80 }), happenings => {
      const reader = new Reader(new ModelServer());
      for (const each of happenings) {
        if (each.type === 'put') reader.server.put(each.name);
        else if (each.type === 'delete') reader.server.delete(each.name);
        else if (each.type === 'compact') reader.server.compact();
        else if (each.type === 'serve') reader.server.serve(each.served);
        else if (each.type === 'fail')
          reader.take({ type: 'failed', failure: { kind: each.kind, message: each.kind } });
        else reader.step(each.events);
      }
      for (let steps = 0; steps < 40; steps++) reader.step(Number.POSITIVE_INFINITY);
      const found = [...reader.store.objects()].map(
        ({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`,
      );
      assert.deepEqual(found.sort(), reader.server.names());
      assert.ok(reader.state.settled);
      assert.equal(reader.state.trouble, undefined);
    }),
    { numRuns: 2000 },
  );
});

const watching: WatchState = {
  phase: { name: 'watching', version: 'v1', resourceVersion: '7' },
  failures: 0,
  settled: true,
};

function failed(state: WatchState, failure: Partial<Failure> & Pick<Failure, 'kind'>): WatchState {
  return advance(state, { type: 'failed', failure: { message: 'no', ...failure } }, 0);
}

test('after each failure', () => {
  const listing: WatchState = {
    phase: { name: 'listing', version: 'v1', limit: 500, continue: 'token' },
    failures: 0,
    settled: false,
  };
  const table: readonly (readonly [WatchState, Failure['kind'], object])[] = [
    [watching, 'expired', { name: 'listing', version: 'v1', limit: 500 }],
    [watching, 'unreachable', watching.phase],
    [watching, 'forbidden', watching.phase],
    [watching, 'refused', watching.phase],
    [watching, 'not-found', { name: 'discovering' }],
    [listing, 'expired', { name: 'listing', version: 'v1', limit: 0 }],
    [listing, 'unreachable', listing.phase],
    [listing, 'too-large', { name: 'listing', version: 'v1', limit: 125 }],
    [listing, 'not-found', { name: 'discovering' }],
    [INITIAL, 'unreachable', { name: 'discovering' }],
  ];
  for (const [state, kind, next] of table) {
    const { phase } = failed(state, { kind });
    assert.ok(phase.name === 'waiting');
    assert.deepEqual(phase.next, next, `${state.phase.name} ${kind}`);
  }
});

test('waits grow, have a limit, and begin anew once something comes; the API server may ask for a longer one', () => {
  const waits: number[] = [];
  let state = watching;
  for (let failures = 0; failures < 12; failures++) {
    state = advance(failed(state, { kind: 'expired' }), { type: 'waited' }, 0);
    const { phase } = failed(state, { kind: 'expired' });
    waits.push(phase.name === 'waiting' ? phase.ms : Number.NaN);
  }
  assert.deepEqual(waits.slice(0, 4), [200, 400, 800, 1600]);
  assert.equal(Math.max(...waits), 5000);
  const progressed = advance({ ...watching, failures: 9 }, { type: 'progress', resourceVersion: '8' }, 0);
  assert.equal(progressed.failures, 0);
  const asked = failed(watching, { kind: 'refused', retryAfterMs: 30_000 }).phase;
  assert.equal(asked.name === 'waiting' ? asked.ms : 0, 30_000);
});

test('at the start only what must not be read, or is not served, goes without a list', () => {
  assert.equal(failed(INITIAL, { kind: 'unreachable' }).settled, false);
  assert.equal(failed(INITIAL, { kind: 'refused' }).settled, false);
  assert.equal(failed(INITIAL, { kind: 'forbidden' }).settled, true);
  assert.equal(advance(INITIAL, { type: 'discovered', version: undefined }, 0).settled, true);
});
