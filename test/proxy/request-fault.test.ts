import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { peerTakes } from '../support/peer-takes.ts';
import { plainRoute, poolRoute } from './support/manifests.ts';
import { readResponse } from './support/message.ts';
import { OneWorker } from './support/one-worker.ts';
import { answer, echo, type Script, Upstream } from './support/upstream.ts';
import { eventually } from './support/within.ts';

const closers: (() => Promise<unknown>)[] = [];
after(() => Promise.all(closers.map(close => close())));

const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
const BODY = JSON.stringify({ model: 'model-a', prompt: 'x' });
const POST = `POST /v1/completions HTTP/1.1\r\nhost: a\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`;
const UPGRADE = 'GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n';

/** What the client of a request sees that something of ours threw in. */
type Seen = 'a 500' | 'its connection ends' | 'nothing';

interface Case {
  readonly at: string;
  readonly request?: string;
  readonly route?: Parameters<typeof plainRoute>[0];
  readonly pool?: true;
  readonly script?: Script;
  readonly seen: Seen;
}

const RETRY = {
  policy:
    'retry: { numRetries: 2, retryOn: { httpStatusCodes: [500] }, perRetry: { backOff: { baseInterval: 1ms } } }',
};
const MIRROR = {
  rule: 'filters: [{ type: RequestMirror, requestMirror: { backendRef: { group: gateway.envoyproxy.io, kind: Backend, name: mirror } } }]',
  more: `apiVersion: gateway.envoyproxy.io/v1alpha1
kind: Backend
metadata: { name: mirror }
spec: { endpoints: [{ ip: { address: 127.0.0.1, port: 9 } }] }
`,
};
const refuses: Script = ({ wire }) => void wire.write('HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n');
const switches: Script = ({ wire }) =>
  void wire.write('HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
const streams: Script = async ({ wire }) => {
  wire.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n');
  await wire.untilEnded();
};
const twoReads: Script = async ({ wire }) => {
  wire.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nx');
  await peerTakes(50);
  wire.write('y');
};

/** Every part that a request passes, in its order, and every way by which it may be called. */
const CASES: readonly Case[] = [
  { at: 'worker.bounds', seen: 'a 500' },
  { at: 'decisions.began', seen: 'nothing' },
  { at: 'hosts.find', seen: 'a 500' },
  { at: 'limits.isFull', seen: 'a 500' },
  { at: 'choice.choose', seen: 'a 500' },
  { at: 'choice.choose', pool: true, request: POST, seen: 'a 500' },
  {
    at: 'choice.choose',
    route: { policy: 'faultInjection: { delay: { fixedDelay: 20ms } }' },
    seen: 'a 500',
  },
  { at: 'choice.started', seen: 'a 500' },
  { at: 'choice.started', pool: true, request: POST, seen: 'a 500' },
  { at: 'limits.acquire', seen: 'a 500' },
  { at: 'limits.acquire', pool: true, request: POST, seen: 'a 500' },
  { at: 'choice.observed', seen: 'a 500' },
  { at: 'choice.observed', script: streams, seen: 'a 500' },
  { at: 'choice.observed', script: switches, request: UPGRADE, seen: 'a 500' },
  { at: 'choice.ended', seen: 'a 500' },
  { at: 'choice.ended', pool: true, request: POST, seen: 'a 500' },
  { at: 'choice.ended', script: twoReads, seen: 'its connection ends' },
  { at: 'limits.acquireRetry', script: refuses, route: RETRY, seen: 'a 500' },
  { at: 'limits.releaseRetry', script: refuses, route: RETRY, seen: 'a 500' },
  { at: 'counters.ended', seen: 'nothing' },
  { at: 'mirror.choose', route: MIRROR, request: POST, seen: 'nothing' },
  { at: 'mirror.started', route: MIRROR, request: POST, seen: 'nothing' },
  { at: 'mirror.ended', route: MIRROR, request: POST, seen: 'nothing' },
];

async function scene(it: Case) {
  const upstream = await Upstream.start(
    it.script ?? (it.request === POST ? echo : ({ wire }) => void wire.write(answer('x'))),
  );
  const manifests = it.pool ? poolRoute(it.route) : plainRoute(it.route);
  const worker = await OneWorker.start(port => manifests(port, [upstream]));
  closers.push(async () => {
    const drained = worker.drain();
    await upstream.close();
    await drained;
  });
  return { worker, upstream };
}

async function atRest(worker: OneWorker): Promise<void> {
  await eventually(
    2000,
    () => `zero: ${JSON.stringify(worker.held())}`,
    async () => Object.values(worker.held()).every(count => count === 0),
  );
}

for (const it of CASES) {
  const name = `${it.at}${it.pool ? ' of a pool' : ''}${it.route ? ` (${Object.values(it.route)[0]?.slice(0, 30)})` : ''}`;
  test(`${name} throws: the request has ${it.seen}, and nobody else pays`, async () => {
    const { worker } = await scene(it);
    const client = await worker.connect();
    worker.throwsAt = it.at;
    worker.throws = 1;
    client.write(it.request ?? GET);
    if (it.seen === 'nothing') {
      assert.equal((await readResponse(client)).status, 200);
      client.destroy();
    } else {
      const text = await client.readToEnd();
      if (it.seen === 'a 500') {
        assert.match(text, /^HTTP\/1\.1 500 Internal Server Error\r\n/);
        assert.match(text, /\r\nx-breakwater-reason: BW_REQUEST_FAULT\r\n/);
        assert.match(text, /\r\nconnection: close\r\n/);
        assert.equal(text.match(/HTTP\/1\.1/g)?.length, 1);
      }
    }
    await atRest(worker);
    assert.equal(worker.throws, 0, 'it was not called');
    assert.ok(worker.told.length > 0);
    for (const line of worker.told)
      assert.match(line, new RegExp(`${it.at} is undefined.*\\[BW_REQUEST_FAULT\\]$`));
    // The model server did nothing wrong.
    assert.deepEqual(
      worker.observed.filter(({ kind }) => kind === 'failure'),
      [],
    );
    if (it.script === undefined) {
      const next = await worker.connect();
      next.write(it.request ?? GET);
      assert.equal((await readResponse(next)).status, 200);
      next.destroy();
    }
    await atRest(worker);
  });
}

test('what the model server sent wrong is its fault, and no event', async () => {
  const { worker } = await scene({
    at: '',
    seen: 'nothing',
    script: ({ wire }) => void wire.write('HTTP/1.1 200 OK\r\na b: c\r\n\r\n'),
  });
  const client = await worker.connect();
  client.write(GET);
  assert.equal((await readResponse(client)).status, 502);
  client.destroy();
  assert.deepEqual(worker.observed, [{ kind: 'failure', failure: 'protocol-error', unreachable: false }]);
  assert.deepEqual(worker.told, []);
});

test('one connection whose sweep throws ends; those after it are swept', async () => {
  const upstream = await Upstream.start(() => {});
  closers.push(() => upstream.close());
  const worker = await OneWorker.start(port => plainRoute()(port, [upstream]), { headTimeoutMs: 300 });
  closers.push(() => worker.drain());
  const clients = [await worker.connect(), await worker.connect(), await worker.connect()];
  for (const client of clients) client.write('GET / HT');
  // What came before has been read when one that came later is answered.
  const later = await worker.connect();
  later.write('nonsense\r\n\r\n');
  assert.match(await later.readToEnd(), /^HTTP\/1\.1 400 /);
  worker.throwsAt = 'worker.bounds';
  worker.throws = 1;
  const ends = await Promise.all(clients.map(client => client.readToEnd()));
  assert.equal(ends.filter(text => text === '').length, 1);
  assert.equal(ends.filter(text => text.startsWith('HTTP/1.1 408')).length, 2);
  assert.match(
    worker.told.join(),
    /^a client connection: TypeError: worker\.bounds is undefined.*\[BW_REQUEST_FAULT\]$/,
  );
});
