import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { RequestBody } from '../../src/proxy/codec/request-body.ts';
import type { RequestHead } from '../../src/proxy/codec/request-head.ts';
import { Exchange } from '../../src/proxy/request/client-exchange.ts';
import type { ClusterRuntime, RequestContext } from '../../src/proxy/request-context.ts';
import { type Manifests, plainRoute, poolRoute } from './support/manifests.ts';
import { ObjectClient, ObjectConnections, requestHead, responseHead } from './support/object-codec.ts';
import { OneWorker } from './support/one-worker.ts';
import { Upstream } from './support/upstream.ts';
import { eventually } from './support/within.ts';

/*
 * The request's way speaks no protocol: codecs of objects in memory drive it from a head to its last byte. What HTTP/1.1 does with the
 * same two interfaces is met here as well, from either side.
 */

const closers: (() => Promise<unknown>)[] = [];
after(() => Promise.all(closers.map(close => close())));

const UNKNOWN = -1;
const MODEL = JSON.stringify({ model: 'model-a', prompt: 'x' });

interface Scene {
  readonly worker: OneWorker;
  /** With model servers that are objects, where `connections` is used. */
  readonly context: RequestContext;
  readonly connections: ObjectConnections;
}

async function scene(manifests: Manifests, upstream: Upstream): Promise<Scene> {
  closers.push(() => upstream.close());
  const worker = await OneWorker.start(port => manifests(port, [upstream]));
  closers.push(() => worker.drain());
  const [runtime] = worker.context.clusters.values();
  const { scope } = runtime as ClusterRuntime;
  const connections = new ObjectConnections(scope);
  const clusters = new Map(
    [...worker.context.clusters].map(([name, cluster]) => [name, { ...cluster, connections }]),
  );
  // Its bounds are a getter: what is spread would read it now.
  const context: RequestContext = Object.create(worker.context, { clusters: { value: clusters } });
  return { worker, context, connections };
}

function request(context: RequestContext, head: RequestHead, bodyLength = 0) {
  const client = new ObjectClient();
  const body = new RequestBody(bodyLength, context.bodies);
  const exchange = new Exchange(context, client, head, body);
  const send = (text: string, ended: boolean) => {
    body.add(Buffer.from(text));
    body.ended = ended;
    exchange.bodyProgress();
  };
  return { client, body, exchange, send };
}

function atRest(worker: OneWorker): void {
  const held = worker.held();
  assert.deepEqual(held, Object.fromEntries(Object.keys(held).map(name => [name, 0])));
}

const silent = () => Upstream.start(() => assert.fail('nothing comes over the wire'));

test('a request to a pool goes from object to object: model read, endpoint picked, answer passed, all given back', async () => {
  const { worker, context, connections } = await scene(poolRoute(), await silent());
  const { client, exchange, send } = request(
    context,
    requestHead('POST', '/v1/completions', 'content-type', 'application/json'),
    MODEL.length,
  );
  exchange.begin();
  assert.deepEqual(client.told, ['asked for the body']);
  send(MODEL, true);
  const { last } = connections;
  assert.deepEqual(last.told, [`POST /v1/completions ${MODEL}`]);
  assert.equal(last.options.framing, 'objects');
  assert.ok(last.options.request.headers.includes('x-forwarded-for'));
  last.answer(200, ['one', 'two'], ['x-sum', '3']);
  assert.deepEqual(client.told.slice(1), [
    'head 200 open',
    'data one',
    'data two',
    'trailers x-sum 3',
    'end',
  ]);
  assert.ok(client.headers.includes('x-request-id'));
  assert.equal(exchange.life.decision.verdict, 'picked');
  assert.equal(exchange.life.decision.endpoint, last.target.id);
  assert.equal(exchange.life.decision.status, 200);
  atRest(worker);
});

test('a body of unknown length is passed on as it comes, with its trailers and its end', async () => {
  const { worker, context, connections } = await scene(plainRoute(), await silent());
  const { client, body, exchange, send } = request(context, requestHead('POST', '/'), UNKNOWN);
  exchange.begin();
  send('one', false);
  body.trailers = ['x-sum', '1'];
  send('two', true);
  assert.deepEqual(connections.last.told, ['POST /', 'data one', 'data two', 'trailers x-sum 1', 'end']);
  connections.last.answer(200, []);
  assert.deepEqual(client.told.slice(-2), ['head 200 open', 'end']);
  atRest(worker);
});

test('a client that takes no more pauses the server, and lets it go on', async () => {
  const { context, connections } = await scene(plainRoute(), await silent());
  const { client, exchange } = request(context, requestHead('GET', '/'));
  exchange.begin();
  client.full = true;
  const { last } = connections;
  last.events.response(responseHead(200), 'open');
  last.events.data(Buffer.from('one'), false);
  assert.deepEqual(last.told, ['GET /', 'paused']);
  exchange.clientDrained();
  assert.deepEqual(last.told, ['GET /', 'paused', 'resumed']);
  exchange.clientGone();
  assert.equal(last.told.at(-1), 'cancelled');
});

test('what no route matches is answered by an object', async () => {
  const { context } = await scene(plainRoute({ hostnames: ['b'] }), await silent());
  const { client, exchange } = request(context, requestHead('GET', '/'));
  exchange.begin();
  assert.deepEqual(client.told, ['head 404 none', 'end']);
});

test('a server that breaks off has its client reset, and one that was not reached gives 503', async () => {
  const { worker, context, connections } = await scene(plainRoute(), await silent());
  const begun = request(context, requestHead('GET', '/'));
  begun.exchange.begin();
  connections.last.events.response(responseHead(200), 'open');
  connections.last.events.data(Buffer.from('one'), false);
  connections.last.events.failed('reset', 'gone', 'no');
  assert.deepEqual(begun.client.told.slice(-3), ['head 200 open', 'data one', 'reset']);
  const unreached = request(context, requestHead('GET', '/'));
  unreached.exchange.begin();
  connections.last.events.failed('connect-failure', 'refused', 'no');
  assert.match(unreached.client.told.join(), /head 503 length,data .*,end$/);
  atRest(worker);
});

test('a body that is not of its protocol is told as such, not as a client that left', async () => {
  const { worker, context, connections } = await scene(plainRoute(), await silent());
  const { exchange, send } = request(context, requestHead('POST', '/'), UNKNOWN);
  exchange.begin();
  send('one', false);
  exchange.malformed(400, 'a frame is too long');
  assert.equal(connections.last.told.at(-1), 'cancelled');
  const { status, reason } = exchange.life.decision;
  assert.deepEqual([status, reason], [400, 'the body of the request is malformed: a frame is too long']);
  atRest(worker);
});

test("a server's chunks come out of their framing for a client that has none", async () => {
  const upstream = await Upstream.start(async ({ wire }) => {
    wire.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n3;a=b\r\ntwo\r\n');
    wire.write('0\r\nX-Sum: 1\r\n\r\n');
  });
  const { worker } = await scene(plainRoute(), upstream);
  const { client, exchange } = request(worker.context, requestHead('GET', '/'));
  exchange.begin();
  await eventually(3000, 'the answer is whole', () => client.told.at(-1) === 'end');
  const data = client.told.filter(line => line.startsWith('data ')).map(line => line.slice(5));
  assert.equal(data.join(''), 'onetwo');
  assert.deepEqual([client.told[1], ...client.told.slice(-2)], ['head 200 open', 'trailers x-sum 1', 'end']);
  assert.ok(!client.headers.includes('transfer-encoding'));
  await eventually(3000, 'nothing is held', () => Object.values(worker.held()).every(held => held === 0));
});
