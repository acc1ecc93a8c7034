import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { LABELS, startForTest, type TestServer } from '../start-for-test.ts';

const RUNNING = `vllm:num_requests_running${LABELS}`;
const WAITING = `vllm:num_requests_waiting${LABELS}`;
const ENDLESS = { prompt: 'x', max_tokens: 4000, ignore_eos: true };

/** A client that has sent a request but for its last bytes, and can leave without a word. */
async function client(server: TestServer, body: object, missing = 0): Promise<Socket> {
  const text = JSON.stringify(body);
  const head = `POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n`;
  const socket = connect(server.simulator.port, '127.0.0.1').on('error', () => {});
  await once(socket, 'connect');
  socket.write((head + text).slice(0, head.length + text.length - missing));
  return socket;
}

test('a client that leaves frees its slot at once: in mid-answer, in mid-stream, in the queue, in its upload', async context => {
  const server = await startForTest(context, '--max-num-seqs', '2', '--sim-decode-ms', '5');
  const whole = await client(server, ENDLESS);
  const stream = await client(server, { ...ENDLESS, stream: true });
  await once(stream, 'data');
  await server.untilMetric(RUNNING, 2);
  const queued = await client(server, ENDLESS);
  await server.untilMetric(WAITING, 1);
  const uploading = await client(server, ENDLESS, 20);

  uploading.destroy();
  queued.destroy();
  await server.untilMetric(WAITING, 0);
  const left = performance.now();
  whole.destroy();
  stream.destroy();
  await server.untilMetric(RUNNING, 0);
  assert.ok(performance.now() - left < 1000);
  assert.equal(await server.metric(`vllm:kv_cache_usage_perc${LABELS}`), 0);
  assert.equal(
    await server.metric(
      'vllm:request_success_total{engine="0",finished_reason="abort",model_name="/model/llama2"}',
    ),
    3,
  );
  assert.equal((await server.post('/v1/completions', { prompt: 'x', max_tokens: 1 })).status, 200);
});

test('the slot of one who leaves goes to the next in the queue', async context => {
  const server = await startForTest(context, '--max-num-seqs', '1', '--sim-decode-ms', '5');
  const first = await client(server, ENDLESS);
  await server.untilMetric(RUNNING, 1);
  const next = server.post('/v1/completions', { prompt: 'x', max_tokens: 2 });
  await server.untilMetric(WAITING, 1);
  first.destroy();
  assert.equal((await next).status, 200);
});

test('--max-num-queued-reqs refuses what is too much, and counts it', async context => {
  const server = await startForTest(context, '--max-num-queued-reqs', '1', '--sim-decode-ms', '5');
  const first = await client(server, ENDLESS);
  await server.untilMetric(RUNNING, 1);
  const refused = await server.post('/v1/completions', { prompt: 'x', max_tokens: 2 });
  assert.equal(refused.status, 503);
  assert.equal(
    await server.metric(
      'vllm:admission_rejections_total{model_name="/model/llama2",reason="max_num_queued_reqs"}',
    ),
    1,
  );
  first.destroy();
});

test('--api-key guards /v1 only; --served-model-name gives every name; /load counts when told to', async context => {
  const server = await startForTest(
    context,
    ...['--api-key', 'secret', '--served-model-name', 'one', 'two', '--enable-server-load-tracking'],
    ...['--sim-decode-ms', '5'],
  );
  const models = (key?: string) =>
    fetch(
      `${server.url}/v1/models`,
      key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } },
    );
  assert.equal((await models()).status, 401);
  assert.equal((await models('wrong')).status, 401);
  assert.equal((await fetch(`${server.url}/health`)).status, 200);
  const { data } = (await (await models('secret')).json()) as { data: { id: string; root: string }[] };
  assert.deepEqual(
    data.map(({ id, root }) => [id, root]),
    [
      ['one', '/model/llama2'],
      ['two', '/model/llama2'],
    ],
  );
  const headers = { 'content-type': 'application/json', authorization: 'Bearer secret' };
  const load = async () => (await (await fetch(`${server.url}/load`)).json()) as { server_load: number };
  const leave = new AbortController();
  const stream = await server.post(
    '/v1/completions',
    { ...ENDLESS, model: 'two', stream: true },
    {
      headers,
      signal: leave.signal,
    },
  );
  assert.equal(stream.status, 200);
  assert.equal((await load()).server_load, 1);
  leave.abort();
  await server.untilMetric('vllm:num_requests_running{engine="0",model_name="one"}', 0);
  assert.equal((await load()).server_load, 0);
});

test('answers are the same at temperature 0 and for the same seed, and others otherwise', async context => {
  const server = await startForTest(context);
  const text = async (body: object) => {
    const response = await server.post('/v1/completions', { prompt: 'hello', max_tokens: 20, ...body });
    return ((await response.json()) as { choices: { text: string }[] }).choices[0]!.text;
  };
  assert.equal(await text({ temperature: 0 }), await text({ temperature: 0 }));
  assert.notEqual(await text({ temperature: 0 }), await text({ temperature: 0, prompt: 'goodbye' }));
  assert.equal(await text({ seed: 5 }), await text({ seed: 5 }));
  assert.notEqual(await text({ seed: 5 }), await text({ seed: 6 }));
  assert.notEqual(await text({}), await text({}));
  const whole = await text({ temperature: 0 });
  const word = whole.split(' ')[4]!;
  assert.equal(await text({ temperature: 0, stop: word }), whole.slice(0, whole.indexOf(word)));
});
