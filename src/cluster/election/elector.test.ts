import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../../test/support/until.ts';
import { monotonicMs } from '../../kernel/index.ts';
import { ModelApiServer } from '../api-server-for-test.ts';
import { leaseOf } from '../leases/lease.ts';
import { Elector } from './elector.ts';

const LEASES = '/apis/coordination.k8s.io/v1/namespaces/ns/leases';
/** Short, and with the room between them that a busy machine needs. */
const TIMES = { leaseDurationMs: 2000, renewDeadlineMs: 1200, retryPeriodMs: 50 };

function candidate(model: ModelApiServer, identity: string) {
  const changes: boolean[] = [];
  const problems: string[] = [];
  const elector = new Elector({
    ...TIMES,
    server: model.client,
    namespace: 'ns',
    name: 'it',
    identity,
    token: `token of ${identity}`,
    onChange: leads => changes.push(leads),
    onProblem: message => problems.push(message),
  });
  return { elector, changes, problems };
}

async function withModel(run: (model: ModelApiServer) => Promise<void>): Promise<void> {
  const model = await ModelApiServer.start();
  try {
    await run(model);
  } finally {
    await model.close();
  }
}

test('one leads and renews; the next does once it has stopped', () =>
  withModel(async model => {
    const a = candidate(model, 'a');
    await until('a leads', () => a.elector.leads);
    const b = candidate(model, 'b');
    const renewals = () => model.asked.filter(({ method }) => method === 'PATCH').length;
    await until('a has renewed some times', () => renewals() > 3);
    assert.deepEqual([a.changes, b.changes, b.elector.leads], [[true], [], false]);
    await a.elector.stop();
    assert.deepEqual([a.changes, a.elector.leads], [[true, false], false]);
    await until('b leads', () => b.elector.leads);
    const { metadata, spec } = model.objects.get(`${LEASES}/it`) as unknown as {
      metadata: { annotations: object };
      spec: { holderIdentity: string; leaseTransitions: number; renewTime: string };
    };
    assert.deepEqual(metadata.annotations, { 'breakwater.dev/holder-token': 'token of b' });
    assert.deepEqual([spec.holderIdentity, spec.leaseTransitions], ['b', 1]);
    assert.match(spec.renewTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    await b.elector.stop();
  }));

test('one that cannot renew stops leading in time, says why once, and leads again when it can', () =>
  withModel(async model => {
    const a = candidate(model, 'a');
    await until('a leads', () => a.elector.leads);
    model.instead = () => ({ status: 403, body: { message: 'not allowed' } });
    await until('a has lost it', () => !a.elector.leads && a.changes.length === 2);
    assert.deepEqual(a.problems, ['the Lease ns/it: not allowed']);
    model.instead = () => undefined;
    await until('a leads again', () => a.elector.leads);
    await a.elector.stop();
  }));

test('a lapse that nobody but who asked has seen is told: what was refused meanwhile is done when it leads again', () =>
  withModel(async model => {
    const changes: boolean[] = [];
    let elector: Elector | undefined;
    let asked: boolean | undefined;
    const times = { leaseDurationMs: 2000, renewDeadlineMs: 400, retryPeriodMs: 300 };
    elector = new Elector({
      ...times,
      server: {
        request: async (...parameters) => {
          const answer = await model.client.request(...parameters);
          if (elector?.leads !== true || asked !== undefined) return answer;
          // The answer comes late, and before any timer does.
          while (elector.leads);
          asked = elector.leads;
          return answer;
        },
      },
      namespace: 'ns',
      name: 'it',
      identity: 'a',
      token: 'token of a',
      onChange: leads => changes.push(leads),
      onProblem: () => {},
    });
    await until('it has led again', () => asked === false && elector?.leads === true);
    assert.deepEqual(changes.slice(0, 3), [true, false, true]);
    await elector.stop();
  }));

test('what others have added to the Lease stays', () =>
  withModel(async model => {
    model.put(`${LEASES}/it`, { metadata: { name: 'it', labels: { theirs: 'yes' } } as { name: string } });
    const a = candidate(model, 'a');
    await until('a leads', () => a.elector.leads);
    await a.elector.stop();
    const { metadata } = model.objects.get(`${LEASES}/it`) as unknown as { metadata: { labels: object } };
    assert.deepEqual(metadata.labels, { theirs: 'yes' });
  }));

test('one term: another that has written the Lease meanwhile ends it, an API server that was away does not', () =>
  withModel(async model => {
    const ended: string[] = [];
    const changes: boolean[] = [];
    const elector = new Elector({
      ...TIMES,
      server: model.client,
      namespace: 'ns',
      name: 'it',
      identity: 'a',
      token: 'token of a',
      onChange: leads => changes.push(leads),
      onTermEnd: () => ended.push('ended'),
      onProblem: () => {},
    });
    await until('it leads', () => elector.leads);
    model.instead = () => ({ status: 500 });
    await until('it has lost it', () => changes.length === 2);
    model.instead = () => undefined;
    await until('it leads again', () => elector.leads);
    assert.deepEqual([changes, ended], [[true, false, true], []]);
    model.put(`${LEASES}/it`, { metadata: { name: 'it' }, spec: { holderIdentity: '' } });
    await until('its term has ended', () => ended.length > 0);
    assert.deepEqual([changes, ended, elector.leads], [[true, false, true, false], ['ended'], false]);
    await elector.stop();
  }));

test('time that a Lease was seen unchanged before counts', () =>
  withModel(async model => {
    const times = { ...TIMES, leaseDurationMs: 600_000 };
    const spec = { holderIdentity: 'gone', leaseDurationSeconds: 600 };
    const { metadata } = model.put(`${LEASES}/it`, { metadata: { name: 'it' }, spec });
    const lease = leaseOf({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { ...metadata, namespace: 'ns' },
      spec,
    });
    const elector = new Elector({
      ...times,
      server: model.client,
      namespace: 'ns',
      name: 'it',
      identity: 'b',
      token: 'token of b',
      seen: { lease, atMs: monotonicMs() - 600_000 },
      onChange: () => {},
      onProblem: () => {},
    });
    await until('it leads at once', () => elector.leads);
    await elector.stop();
  }));

test('what others make of its news ends no election: it is told, and the Lease is renewed', () =>
  withModel(async model => {
    const problems: string[] = [];
    const elector = new Elector({
      ...TIMES,
      server: model.client,
      namespace: 'ns',
      name: 'it',
      identity: 'a',
      token: 'token of a',
      onChange: () => {
        throw new Error('no change, please');
      },
      onWritten: () => {
        throw new Error('nothing was written');
      },
      onProblem: message => problems.push(message),
    });
    const renewals = () => model.asked.filter(({ method }) => method === 'PATCH').length;
    await until('it has renewed some times', () => renewals() > 3);
    assert.ok(elector.leads);
    assert.ok(
      problems.includes('the election for the Lease ns/it failed: no change, please [BW_TASK_FAILED]'),
      problems.join('\n'),
    );
    await elector.stop();
  }));
