import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../../test/support/until.ts';
import { buildResourceSet, type KubeObject } from '../../api/index.ts';
import { ModelApiServer } from '../api-server-for-test.ts';
import { WRITE_QUEUE } from '../write/write-queue.ts';
import { ownershipOf } from './gateway-owners.ts';
import { StatusWriter, type WantedStatus } from './status-writer.ts';

const GATEWAY = 'gateway.networking.k8s.io/v1';
const CLASSES = `/apis/${GATEWAY}/gatewayclasses`;
const QUEUE = { ...WRITE_QUEUE, apartMs: 5, backoffMs: 5, maxBackoffMs: 50 };

interface Bench {
  readonly model: ModelApiServer;
  readonly writer: StatusWriter;
  readonly problems: string[];
  may: boolean;
}

async function withWriter(run: (bench: Bench) => Promise<void>): Promise<void> {
  const model = await ModelApiServer.start();
  const problems: string[] = [];
  const writer = new StatusWriter({
    server: model.client,
    fieldManager: 'test',
    mayWrite: () => bench.may,
    onProblem: message => problems.push(message),
    queue: QUEUE,
  });
  const bench: Bench = { model, writer, problems, may: true };
  try {
    await run(bench);
  } finally {
    writer.close();
    await model.close();
  }
}

/** A class in the API server, as a source would show it. */
function put({ model }: Bench, name: string, more: object = {}): KubeObject {
  const object = {
    apiVersion: GATEWAY,
    kind: 'GatewayClass',
    metadata: { name, uid: `uid of ${name}`, generation: 1 },
    spec: { controllerName: 'a.example/b' },
    ...more,
  };
  return model.put(`${CLASSES}/${name}`, object) as unknown as KubeObject;
}

function wanted(name: string, status: string): WantedStatus {
  const condition = { type: 'Accepted', status, reason: 'Accepted', message: '', observedGeneration: 1 };
  return {
    apiVersion: GATEWAY,
    kind: 'GatewayClass',
    namespace: '',
    name,
    status: { conditions: [condition] },
  };
}

function want({ writer }: Bench, objects: readonly KubeObject[], statuses: readonly WantedStatus[]): void {
  const set = buildResourceSet(objects.map(object => ({ object })));
  writer.want(set, statuses, ownershipOf(set, ['a.example/b']));
}

const current = ({ model }: Bench, name: string) =>
  model.objects.get(`${CLASSES}/${name}`) as unknown as KubeObject;
const patches = ({ model }: Bench) => model.asked.filter(({ method }) => method === 'PATCH');
const statusOf = (bench: Bench, name: string) =>
  (current(bench, name).status as { conditions: { status: string }[] } | undefined)?.conditions[0]?.status;

test('a status is written once, by apply to the subresource, and again only when it is another', () =>
  withWriter(async bench => {
    const object = put(bench, 'a');
    want(bench, [object], [wanted('a', 'True')]);
    await until('it is written', () => statusOf(bench, 'a') === 'True' && bench.writer.counts.written === 1);
    const [patch] = patches(bench);
    assert.equal(patch?.path, `${CLASSES}/a/status`);
    assert.equal(String(patch?.query), 'fieldManager=test&force=true');
    assert.equal(patch?.contentType, 'application/apply-patch+yaml');
    // The source still shows the object of before, then that of after.
    want(bench, [object], [wanted('a', 'True')]);
    want(bench, [current(bench, 'a')], [wanted('a', 'True')]);
    want(bench, [current(bench, 'a')], [wanted('a', 'False')]);
    await until('the other is written', () => statusOf(bench, 'a') === 'False');
    assert.equal(patches(bench).length, 2);
  }));

test('who does not lead writes nothing; once it does, all that is to be written', () =>
  withWriter(async bench => {
    bench.may = false;
    want(bench, [put(bench, 'a'), put(bench, 'b')], [wanted('a', 'True'), wanted('b', 'True')]);
    bench.may = true;
    assert.equal(bench.model.asked.length, 0);
    bench.writer.resume();
    await until('both are written', () => statusOf(bench, 'a') === 'True' && statusOf(bench, 'b') === 'True');
  }));

test('a write over an object that has changed meanwhile is refused, and done when the change is seen', () =>
  withWriter(async bench => {
    const before = put(bench, 'a');
    const after = put(bench, 'a', { spec: { controllerName: 'a.example/b', description: 'changed' } });
    want(bench, [before], [wanted('a', 'True')]);
    await until('it was refused', () => bench.writer.counts.conflicts > 0);
    assert.equal(statusOf(bench, 'a'), undefined);
    want(bench, [after], [wanted('a', 'True')]);
    await until('it is written', () => statusOf(bench, 'a') === 'True');
    assert.deepEqual(bench.problems, []);
  }));

test('what an older CRD does not know is left out, and said to nobody', () =>
  withWriter(async bench => {
    bench.model.instead = ({ path, body }) =>
      path.endsWith('/status') && JSON.stringify(body).includes('observedGeneration')
        ? {
            status: 500,
            body: {
              message: 'failed: .status.conditions[0].observedGeneration: field not declared in schema',
            },
          }
        : undefined;
    const names = ['a', 'b', 'c'];
    want(
      bench,
      names.map(name => put(bench, name)),
      names.map(name => wanted(name, 'True')),
    );
    await until('all are written', () => names.every(name => statusOf(bench, name) === 'True'));
    assert.deepEqual([bench.problems, bench.writer.counts.failed], [[], 0]);
    assert.ok(patches(bench).length > names.length);
  }));

test('what cannot be written is said once, tried on with back-off, and keeps no other waiting', () =>
  withWriter(async bench => {
    bench.model.instead = ({ path }) =>
      path.endsWith('/a/status') ? { status: 422, body: { message: 'no good' } } : undefined;
    const names = ['a', 'b', 'c'];
    want(
      bench,
      names.map(name => put(bench, name)),
      names.map(name => wanted(name, 'True')),
    );
    await until(
      'the others are written',
      () => statusOf(bench, 'b') === 'True' && statusOf(bench, 'c') === 'True',
    );
    await until('it was tried again', () => bench.writer.counts.failed > 2);
    assert.deepEqual(bench.problems, [
      'the status of GatewayClass.gateway.networking.k8s.io a cannot be written: no good',
    ]);
    bench.model.instead = () => undefined;
    await until('it is written', () => statusOf(bench, 'a') === 'True');
  }));

test('an API server that makes something else of what was applied is not asked again and again', () =>
  withWriter(async bench => {
    const object = put(bench, 'a');
    bench.model.instead = ({ method }) => (method === 'PATCH' ? { status: 200, body: object } : undefined);
    want(bench, [object], [wanted('a', 'True')]);
    await until('it was written', () => bench.writer.counts.written === 1);
    for (let time = 0; time < 3; time++) want(bench, [object], [wanted('a', 'True')]);
    await until('nothing is left', () => bench.writer.waiting === 0 || undefined, 5000).catch(
      () => undefined,
    );
    assert.equal(patches(bench).length, 1);
  }));
