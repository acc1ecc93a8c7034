import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { CLUSTER } from '../../src/envoy/ext-proc/picker-state-for-test.ts';
import { peerTakes } from '../support/peer-takes.ts';
import { until } from '../support/until.ts';
import { PickerBench } from './support/picker-bench.ts';

const BODY = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'introduce yourself' }] });
const MODEL = {
  source: { kind: 'InferenceModel', namespace: 'default', name: 'm' },
  modelName: 'm',
  criticality: 'Critical',
  targetModels: [{ name: 'm-v2', weight: 1 }],
} as const;

/** The whole answer to one request on a connection of its own, as bytes. */
async function rawAnswer(port: number, body = BODY): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
  });
  await once(socket, 'close');
  return text;
}

/** Answers when `finish` is called. */
function held() {
  const waiting: ServerResponse[] = [];
  return {
    answer: (_: unknown, response: ServerResponse) => void waiting.push(response),
    finish: () => waiting.splice(0).forEach(response => void response.end('answered')),
  };
}

for (const requestBody of ['BUFFERED', 'FULL_DUPLEX_STREAMED'] as const)
  test(`${requestBody}: over the limit of one, the second gets Envoy's own overflow answer, byte for byte`, () => {
    const server = held();
    return PickerBench.run(
      { plan: { limit: 1 }, cluster: CLUSTER, requestBody, answer: server.answer },
      async bench => {
        const first = rawAnswer(bench.ports[0]!);
        await until('the first is in flight', () => bench.models.atOnce === 1 || undefined);
        const [head = '', body] = (await rawAnswer(bench.ports[0]!)).split('\r\n\r\n');
        assert.equal(
          body,
          'upstream connect error or disconnect/reset before headers. reset reason: overflow',
        );
        const [status, ...lines] = head.split('\r\n');
        assert.equal(status, 'HTTP/1.1 503 Service Unavailable');
        const headers = lines.filter(line => !/^(date|x-request-id):/.test(line)).sort();
        assert.deepEqual(headers, [
          'connection: close',
          'content-length: 81',
          'content-type: text/plain',
          'server: envoy',
          `x-breakwater-reason: limit=maxParallelRequests; scope="${CLUSTER}"; in-use=1; max=1`,
          'x-envoy-overloaded: true',
        ]);
        assert.equal(bench.models.requests.length, 1);
        server.finish();
        assert.match(await first, /^HTTP\/1\.1 200 OK/);
        await until('the permit is back', () => bench.permits === 0 || undefined);
        const third = rawAnswer(bench.ports[0]!);
        await until('the third is in flight', () => bench.models.atOnce === 1 || undefined);
        server.finish();
        assert.match(await third, /^HTTP\/1\.1 200 OK/);
      },
    );
  });

const EVENTS = 10;
const EVENT_MS = 100;

/** Ten events in a second. */
function events(_: unknown, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  let sent = 0;
  const timer = setInterval(() => {
    response.write('data: {}\n\n');
    if (++sent < EVENTS) return;
    clearInterval(timer);
    response.end();
  }, EVENT_MS);
  response.once('close', () => clearInterval(timer));
}

test('a stream of events holds its permit to its end; a client that leaves gives it back at once', () =>
  PickerBench.run({ plan: { limit: 1 }, answer: events }, async bench => {
    const open = async () => {
      const asked = request(`${bench.url}/v1/chat/completions`, { method: 'POST', agent: false });
      asked.on('error', () => {});
      asked.end(BODY);
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      response.on('error', () => {});
      return { asked, response };
    };
    const whole = await open();
    let received = 0;
    whole.response.on('data', (chunk: Buffer) => {
      received += chunk.length;
      assert.equal(bench.permits, 1);
    });
    await once(whole.response, 'end');
    assert.equal(received, EVENTS * 'data: {}\n\n'.length);
    await until('the permit is back', () => bench.permits === 0 || undefined, 1000);
    const cut = await open();
    await once(cut.response, 'data');
    assert.equal(bench.permits, 1);
    const leftAt = performance.now();
    cut.asked.destroy();
    await until('the permit is back', () => bench.permits === 0 || undefined, 1000);
    assert.ok(performance.now() - leftAt < 500);
    await until('the model server has seen it', () => bench.models.atOnce === 0 || undefined, 1000);
  }));

test(
  'two Envoys, four workers each, limit one: never two at once, with clients that leave',
  { timeout: 120_000 },
  () =>
    PickerBench.run(
      {
        plan: { limit: 1 },
        cluster: CLUSTER,
        envoys: 2,
        concurrency: 4,
        requestBody: 'BUFFERED',
        answer: (_, response) => void peerTakes(2).then(() => response.end('answered')),
      },
      async bench => {
        const counts = new Map<string, number>();
        const client = async (number: number) => {
          for (let i = 0; i < 20; i++) {
            const url = `http://127.0.0.1:${bench.ports[(number + i) % 2]}/v1/chat/completions`;
            const leaves =
              (number + i) % 3 === 0 ? AbortSignal.timeout(1 + ((number * 7 + i) % 10)) : undefined;
            const outcome = await fetch(url, {
              method: 'POST',
              body: BODY,
              ...(leaves === undefined ? {} : { signal: leaves }),
            })
              .then(async response => {
                await response.text();
                return String(response.status);
              })
              .catch(() => 'left');
            counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
          }
        };
        await Promise.all(Array.from({ length: 100 }, (_, number) => client(number)));
        assert.equal(bench.models.most, 1);
        for (const outcome of ['200', '503', 'left'])
          assert.ok((counts.get(outcome) ?? 0) > 10, JSON.stringify([...counts]));
        assert.deepEqual([...counts.keys()].sort(), ['200', '503', 'left']);
      },
    ),
);

test('limit one, one request after the other over several workers: none is refused for the one before it', () =>
  PickerBench.run(
    { plan: { limit: 1 }, concurrency: 4, answer: (_, response) => void response.end('answered') },
    async bench => {
      const answers = new Set<string>();
      // A connection each: any worker may have it.
      for (let i = 0; i < 500; i++) answers.add((await rawAnswer(bench.ports[0]!)).split('\r\n')[0]!);
      assert.deepEqual([...answers], ['HTTP/1.1 200 OK']);
    },
  ));

for (const requestBody of [
  'FULL_DUPLEX_STREAMED',
  'BUFFERED',
  'BUFFERED_PARTIAL',
  'STREAMED',
  'NONE',
] as const)
  test(`${requestBody}: without a body, with 12 MB, and a model that is rewritten where the body is seen whole`, () => {
    const plan = { models: [MODEL], limit: 4 };
    // Every phase that a gateway can send, and TLS where it is most often used.
    const tls = requestBody === 'FULL_DUPLEX_STREAMED';
    const responseBody = tls ? 'FULL_DUPLEX_STREAMED' : 'NONE';
    const answer = (_: unknown, response: ServerResponse) => void response.end('answered');
    return PickerBench.run(
      { plan, requestBody, responseBody, responseHeaders: true, tls, answer },
      async bench => {
        const url = `${bench.url}/v1/chat/completions`;
        const none = await fetch(`${bench.url}/v1/models`);
        assert.deepEqual([none.status, await none.text()], [200, 'answered']);
        const rewritten = requestBody !== 'STREAMED' && requestBody !== 'NONE';
        for (const size of [10, 12_000_000]) {
          const body = JSON.stringify({
            model: 'm',
            prompt: 'x'.repeat(size),
            seed: 9007199254740993n.toString(),
          });
          const response = await fetch(url, {
            method: 'POST',
            headers: { 'x-breakwater-explain': 'yes', 'content-type': 'application/json' },
            body,
          });
          assert.deepEqual([response.status, await response.text()], [200, 'answered']);
          const received = bench.models.requests.at(-1)!;
          assert.ok(received.body === (rewritten ? body.replace('"m"', '"m-v2"') : body), `${size} bytes`);
          const { 'content-length': length } = received.headers;
          if (length !== undefined) assert.equal(Number(length), received.body.length);
          const decision = JSON.parse(response.headers.get('x-breakwater-decision') ?? '{}');
          assert.equal(decision.verdict, 'picked');
          assert.equal(decision.endpoint, `127.0.0.1:${bench.models.port}`);
          assert.equal(decision.targetModel, rewritten ? 'm-v2' : undefined);
          const kept = bench.state.explain(response.headers.get('x-request-id') ?? '');
          assert.equal(kept?.status, 200);
        }
        if (rewritten) {
          const bad = await fetch(url, { method: 'POST', body: '{"model"' });
          assert.equal(bad.status, 400);
          assert.match(bad.headers.get('content-type') ?? '', /json/);
        }
        assert.deepEqual(bench.events, []);
      },
    );
  });

test('no endpoint that may be used: 503', () =>
  PickerBench.run({ plan: { limit: 0 }, answer: () => assert.fail() }, async bench => {
    const response = await fetch(bench.url, { method: 'POST', body: BODY });
    assert.equal(response.status, 503);
    assert.match(response.headers.get('x-breakwater-reason') ?? '', /in-use=0; max=0/);
  }));
