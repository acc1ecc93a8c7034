import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { KubeObject } from '../../api/index.ts';
import type { Json } from './conditions.ts';
import type { Ownership } from './shared-entries.ts';
import { type StatusWrite, statusDifference } from './status-write.ts';

const OURS = 'ours.example/controller';
const THEIRS = 'theirs.example/controller';
const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const NOW_TEXT = '2026-01-02T03:04:05Z';
const BEFORE_TEXT = '2025-12-31T00:00:00Z';

const owners: Ownership = {
  controllerNames: [OURS],
  gatewayOwner: (_, name) => (name.startsWith('ours') ? 'us' : name.startsWith('gone') ? 'nobody' : 'other'),
  contested: new Set(['contested-class']),
  isContested: (kind, _, name) => kind === 'Gateway' && name === 'contested',
};

function object(kind: string, status?: Json): KubeObject {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind,
    metadata: { name: 'it', namespace: 'ns', resourceVersion: '7', uid: 'u-1', generation: 3 },
    ...(status === undefined ? {} : { status }),
  };
}

function condition(type: string, status: string, more: Json = {}): Json {
  return { type, status, observedGeneration: 3, reason: type, message: '', ...more };
}

function entry(
  controllerName: string | undefined,
  name: string,
  conditions: readonly Json[],
  ref = 'parentRef',
): Json {
  return {
    [ref]: { group: 'gateway.networking.k8s.io', kind: 'Gateway', name },
    ...(controllerName === undefined ? {} : { controllerName }),
    conditions,
  };
}

/** Server-side apply as far as these statuses go: atomic lists whole, conditions and listeners of the applier's own. */
function applied(before: KubeObject, write: StatusWrite | undefined): KubeObject {
  return write === undefined
    ? before
    : { ...before, status: { ...(before.status as Json), ...write.body.status } };
}

const difference = (before: KubeObject, wanted: Json | undefined) =>
  statusDifference(before, wanted, owners, NOW);
const write = (before: KubeObject, wanted: Json | undefined) => difference(before, wanted).write;

test('the first status takes the place of what the CRD defaults', () => {
  const since = { lastTransitionTime: '1970-01-01T00:00:00Z' };
  const before = object('Gateway', { conditions: [condition('Accepted', 'Unknown', since)] });
  const wanted = { conditions: [condition('Accepted', 'True')], listeners: [] };
  const first = write(before, wanted);
  assert.deepEqual(first?.body, {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: 'it', namespace: 'ns', resourceVersion: '7', uid: 'u-1' },
    status: {
      conditions: [condition('Accepted', 'True', { lastTransitionTime: NOW_TEXT })],
      listeners: [],
    },
  });
  assert.equal(write(applied(before, first), wanted), undefined);
});

test('lastTransitionTime is of the status, not of its reason, message or generation', () => {
  const since = { lastTransitionTime: BEFORE_TEXT };
  const before = object('Gateway', { conditions: [condition('Accepted', 'True', since)], listeners: [] });
  const wanted = (more: Json, status = 'True') => ({
    conditions: [condition('Accepted', status, more)],
    listeners: [],
  });
  const times = (wantedStatus: Json) =>
    (write(before, wantedStatus)?.body.status['conditions'] as Json[] | undefined)?.[0]?.[
      'lastTransitionTime'
    ];
  assert.equal(times(wanted({})), undefined);
  assert.equal(times(wanted({ observedGeneration: 4 })), BEFORE_TEXT);
  assert.equal(times(wanted({ reason: 'Other', message: 'else' })), BEFORE_TEXT);
  assert.equal(times(wanted({}, 'False')), NOW_TEXT);
});

test('conditions that others have set beside ours are not ours to write', () => {
  const since = { lastTransitionTime: BEFORE_TEXT };
  const before = object('GatewayClass', {
    conditions: [condition('TheirOwn', 'True', since), condition('Accepted', 'True', since)],
  });
  assert.equal(write(before, { conditions: [condition('Accepted', 'True')] }), undefined);
  const change = write(before, { conditions: [condition('Accepted', 'False')] });
  assert.deepEqual(
    (change?.body.status['conditions'] as Json[] | undefined)?.map(({ type }) => type),
    ['Accepted'],
  );
});

test('what is said of a Gateway that another controller of our name answers for as well is neither written nor removed', () => {
  const since = { lastTransitionTime: BEFORE_TEXT };
  const theirs = entry(OURS, 'contested', [condition('Accepted', 'True', { ...since, message: 'theirs' })]);
  const before = object('HTTPRoute', { parents: [theirs] });
  assert.equal(write(before, undefined), undefined);
  const own = entry(OURS, 'contested', [condition('Accepted', 'False')]);
  assert.equal(write(before, { parents: [own] }), undefined);
  const beside = write(before, { parents: [own, entry(OURS, 'ours', [condition('Accepted', 'True')])] });
  assert.deepEqual(beside?.body.status['parents'], [
    theirs,
    entry(OURS, 'ours', [condition('Accepted', 'True', { lastTransitionTime: NOW_TEXT })]),
  ]);
});

test('listeners are compared by name, their conditions in any order', () => {
  const since = { lastTransitionTime: BEFORE_TEXT };
  const listener = (name: string, attachedRoutes: number, conditions: readonly Json[]) => ({
    name,
    attachedRoutes,
    supportedKinds: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute' }],
    conditions,
  });
  const before = object('Gateway', {
    listeners: [
      listener('b', 1, [condition('Programmed', 'True', since), condition('Accepted', 'True', since)]),
      listener('a', 0, [condition('Accepted', 'True', since)]),
    ],
  });
  const a = listener('a', 0, [condition('Accepted', 'True')]);
  const b = (routes: number) =>
    listener('b', routes, [condition('Accepted', 'True'), condition('Programmed', 'True')]);
  assert.equal(write(before, { listeners: [a, b(1)] }), undefined);
  assert.notEqual(write(before, { listeners: [a, b(2)] }), undefined);
  assert.notEqual(write(before, { listeners: [b(1)] }), undefined);
});

test('an address that is gone is a change', () => {
  const before = object('Gateway', { addresses: [{ type: 'IPAddress', value: '10.0.0.1' }], listeners: [] });
  assert.deepEqual(write(before, { listeners: [] })?.body.status, { listeners: [] });
});

test('a count of ListenerSets that is not wanted any more is a change, one that never was is none', () => {
  const before = object('Gateway', { attachedListenerSets: 0, listeners: [] });
  assert.deepEqual(write(before, { listeners: [] })?.body.status, { listeners: [] });
  assert.equal(write(before, { attachedListenerSets: 0, listeners: [] }), undefined);
  assert.equal(write(object('Gateway', { listeners: [] }), { listeners: [] }), undefined);
});

test('entries of others stay as they are and where they are; ours come, change and go', () => {
  const theirs = entry(THEIRS, 'g', [condition('Accepted', 'True', { lastTransitionTime: 'whenever' })]);
  const since = { lastTransitionTime: BEFORE_TEXT };
  const before = object('HTTPRoute', {
    parents: [entry(OURS, 'old', []), entry(OURS, 'g', [condition('Accepted', 'True', since)]), theirs],
  });
  const wanted = { parents: [entry(OURS, 'new', []), entry(OURS, 'g', [condition('Accepted', 'True')])] };
  const change = write(before, wanted);
  assert.deepEqual(change?.body.status, {
    parents: [entry(OURS, 'g', [condition('Accepted', 'True', since)]), theirs, entry(OURS, 'new', [])],
  });
  const after = applied(before, change);
  assert.equal(write(after, wanted), undefined);
  assert.deepEqual(write(after, undefined)?.body.status, { parents: [theirs] });
  assert.equal(write(object('HTTPRoute', { parents: [theirs] }), undefined), undefined);
  assert.equal(write(object('HTTPRoute'), undefined), undefined);
});

test('one reference in two words is one entry', () => {
  const conditions = [condition('Accepted', 'True', { lastTransitionTime: BEFORE_TEXT })];
  const before = object('HTTPRoute', {
    parents: [{ parentRef: { name: 'g', namespace: 'ns' }, controllerName: OURS, conditions }],
  });
  const change = write(before, { parents: [entry(OURS, 'g', [condition('Accepted', 'True')])] });
  assert.deepEqual(change?.body.status, { parents: [entry(OURS, 'g', conditions)] });
});

test('entries that do not say whose they are go by their Gateway; the default of the CRD goes', () => {
  const before = object('InferencePool', {
    parent: [
      { parentRef: { kind: 'Status', name: 'default' }, conditions: [] },
      entry(undefined, 'theirs', []),
      entry(undefined, 'gone', []),
      entry(undefined, 'ours', []),
    ],
  });
  const wanted = { parent: [entry(undefined, 'ours', [])] };
  const change = write(before, wanted);
  assert.deepEqual(change?.body.status, {
    parent: [entry(undefined, 'theirs', []), entry(undefined, 'ours', [])],
  });
  assert.equal(write(applied(before, change), wanted), undefined);
});

test('a CRD without controllerName does not make for a write each time', () => {
  const before = object('InferencePool', { parents: [entry(undefined, 'ours', [])] });
  assert.equal(write(before, { parents: [entry(OURS, 'ours', [])] }), undefined);
});

test('a list that is full takes no more; what others have is never pushed out', () => {
  const theirs = Array.from({ length: 15 }, (_, index) => entry(THEIRS, `g${index}`, [], 'ancestorRef'));
  const wanted = { ancestors: ['a', 'b', 'c'].map(name => entry(OURS, name, [], 'ancestorRef')) };
  const before = object('BackendTrafficPolicy', { ancestors: theirs });
  const change = write(before, wanted);
  assert.deepEqual(change?.body.status, { ancestors: [...theirs, wanted.ancestors[0]] });
  assert.equal(difference(before, wanted).leftOut, 2);
  // Also once nothing is to be written any more.
  assert.deepEqual(difference(applied(before, change), wanted), { write: undefined, leftOut: 2 });
});

const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 4 });
const accepted = fc.constantFrom('True', 'False');

test('two controllers that write one object, in any order, both come to rest with what they want', () => {
  const wantedOf = (controllerName: string) =>
    fc.tuple(names, accepted).map(([refs, status]) => ({
      parents: refs.map(name => entry(controllerName, name, [condition('Accepted', status)])),
    }));
  const steps = fc.array(fc.record({ who: fc.nat(1), what: fc.constantFrom('read', 'write') } as const), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(wantedOf(OURS), wantedOf(THEIRS), steps, (ours, theirs, script) => {
      const sides = [
        { controllerNames: [OURS], wanted: ours, read: object('HTTPRoute') },
        { controllerNames: [THEIRS], wanted: theirs, read: object('HTTPRoute') },
      ];
      let stored = object('HTTPRoute');
      let version = 7;
      let writes = 0;
      const act = (who: number, what: string) => {
        const side = sides[who]!;
        if (what === 'read') {
          side.read = stored;
          return;
        }
        const own = { ...owners, controllerNames: side.controllerNames };
        const change = statusDifference(side.read, side.wanted, own, NOW).write;
        // Optimistic concurrency of the API server.
        if (change === undefined || change.body.metadata.resourceVersion !== String(version)) return;
        const next = applied(stored, change);
        stored = { ...next, metadata: { ...next.metadata, resourceVersion: String(++version) } };
        writes++;
      };
      for (const { who, what } of script) act(who, what);
      for (const who of [0, 1, 0, 1]) for (const what of ['read', 'write']) act(who, what);
      const before = writes;
      for (const who of [0, 1]) for (const what of ['read', 'write']) act(who, what);
      assert.equal(writes, before, 'at rest nothing is written');
      const parents = ((stored.status ?? { parents: [] }) as { parents: Json[] }).parents;
      for (const { controllerNames, wanted } of sides) {
        const own = parents.filter(({ controllerName }) => controllerName === controllerNames[0]);
        assert.deepEqual(
          own.map(({ parentRef }) => (parentRef as Json)['name']).sort(),
          wanted.parents.map(({ parentRef }) => (parentRef as Json)['name']).sort(),
        );
      }
    }),
  );
});
