import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { VirtualClock } from '../../kernel/virtual-clock-for-test.ts';
import type { InUse } from '../../plane/index.ts';
import type { ApiServer } from '../api-server/index.ts';
import { type Asked, ModelApiServer } from '../api-server-for-test.ts';
import { HandoffPublisher, HandoffReader } from './index.ts';

const LEASES = '/apis/coordination.k8s.io/v1/namespaces/ns/leases';
const NOTHING: InUse = { limits: new Map(), endpoints: new Map() };
const having = (active: number): InUse => ({
  limits: new Map([['scope', [active, 0, 0, 0]]]),
  endpoints: new Map([['pool#10.0.0.1:80', active]]),
});

let server: ModelApiServer;
let clock: VirtualClock;
/** Requests that the API server has not answered yet: its time is its own. */
let asking: number;
let isAway = false;
let problems: string[];
let ends: (() => unknown)[];

beforeEach(async () => {
  const { clock: virtual, end } = VirtualClock.use();
  clock = virtual;
  server = await ModelApiServer.start();
  asking = 0;
  isAway = false;
  problems = [];
  ends = [end];
  server.instead = asked => (isAway ? { status: 503, body: { message: 'away' } } : answered(asked));
});
afterEach(async () => {
  for (const end of ends.reverse()) await end();
  await server.close();
});

/** Lists and server-side apply, which the model leaves to the real one. */
function answered({ method, path, contentType, body }: Asked) {
  if (method === 'GET' && path === LEASES)
    return { status: 200, body: { items: [...server.objects.values()] } };
  if (method === 'DELETE') return { status: server.objects.delete(path) ? 200 : 404, body: {} };
  if (method !== 'PATCH' || contentType !== 'application/apply-patch+yaml') return undefined;
  return { status: 200, body: server.put(path, body as { metadata: { name: string } }) };
}

const client: Pick<ApiServer, 'request'> = {
  async request(...parameters) {
    asking++;
    try {
      return await server.client.request(...parameters);
    } finally {
      asking--;
    }
  },
};

/** Time goes on until it is so, but for the time in which somebody waits for an answer. */
async function passing(what: string, isSo: () => boolean): Promise<void> {
  await clock.until(what, isSo, () => asking === 0);
}

/** Time goes on until it is done. @returns how long that took */
async function timeOf(what: string, done: Promise<void>): Promise<number> {
  const sinceMs = clock.monotonicMs();
  let tookMs: number | undefined;
  const ended = done.finally(() => {
    tookMs = clock.monotonicMs() - sinceMs;
  });
  await passing(what, () => tookMs !== undefined);
  await ended;
  return tookMs as number;
}

function publisher(inUse: () => InUse): HandoffPublisher {
  const options = { server: client, namespace: 'ns', pod: 'pod' };
  const made = new HandoffPublisher({ ...options, inUse, onProblem: message => problems.push(message) });
  ends.push(() => made.stop());
  return made;
}

function reader() {
  const read: InUse[] = [];
  const made = new HandoffReader({
    server: client,
    namespace: 'ns',
    onInUse: inUse => read.push(inUse),
    onProblem: message => problems.push(message),
  });
  ends.push(() => made.stop());
  return { made, last: () => read.at(-1) };
}

test('who follows knows what its predecessor has from its first look on, and that it has less, and nothing', async () => {
  let now = having(2);
  await publisher(() => now).published;
  const { made, last } = reader();
  await made.look();
  assert.deepEqual(last(), having(2));
  now = having(1);
  await passing('it has less', () => last()?.limits.get('scope')?.[0] === 1);
  now = NOTHING;
  await passing('it has nothing', () => last()?.limits.size === 0);
  assert.equal(server.objects.size, 0);
  assert.deepEqual(problems, []);
});

test('who has nothing in flight writes nothing', async () => {
  await publisher(() => NOTHING).published;
  assert.deepEqual(server.asked, []);
});

test('who ends takes its report away, whatever is in flight', async () => {
  const leaving = publisher(() => having(2));
  await leaving.published;
  assert.equal(server.objects.size, 1);
  await leaving.stop();
  assert.equal(server.objects.size, 0);
});

test('who cannot write goes on after a while, and writes when it can', async () => {
  isAway = true;
  assert.equal(await timeOf('it goes on', publisher(() => having(2)).published), 10_000);
  assert.equal(server.objects.size, 0);
  assert.deepEqual(problems, ['who follows is not told what is in use here still: away']);
  isAway = false;
  await passing('it is published', () => server.objects.size === 1);
});

test('who follows and cannot read serves after a while, and counts what it reads later', async () => {
  await publisher(() => having(2)).published;
  isAway = true;
  const { made, last } = reader();
  assert.equal(await timeOf('it serves', made.look()), 3_000);
  assert.deepEqual(last(), NOTHING);
  isAway = false;
  await passing('it is read', () => last()?.limits.size === 1);
  assert.deepEqual(problems.slice(0, 1), [
    'what replicas have in use that are stopping cannot be read: away',
  ]);
});

test('a look whose news throws is told, and the next one is made all the same', async () => {
  await publisher(() => having(2)).published;
  const read: InUse[] = [];
  let fails = true;
  const made = new HandoffReader({
    server: client,
    namespace: 'ns',
    onInUse: inUse => {
      if (fails) throw new Error('it cannot be counted');
      read.push(inUse);
    },
    onProblem: message => {
      problems.push(message);
      fails = false;
    },
  });
  ends.push(() => made.stop());
  await timeOf('it has looked twice', made.look());
  assert.deepEqual(read.at(-1), having(2));
  assert.match(
    problems[0] ?? '',
    /^counting what replicas .* failed, .*: it cannot be counted \[BW_TASK_FAILED\]$/,
  );
});
