import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import OpenAI from 'openai';
import { Workplace } from '../e2e/cli-process.ts';
import { Gateway } from './support/gateway.ts';
import { MODEL, simulatedPool } from './support/simulated-pool.ts';

/** vLLM's own: the answer has as many tokens as it may. */
const IGNORE_EOS = { ignore_eos: true } as object;
const REPLICAS = 4;
const SLOTS = 4;

const place = new Workplace();
after(() => place.close());
let gateway: Gateway;
let openai: OpenAI;

before(async () => {
  gateway = await Gateway.start(
    place,
    'pool',
    simulatedPool({
      replicas: REPLICAS,
      flags: [
        '--sim-decode-ms=5',
        `--max-num-seqs=${SLOTS}`,
        '--enable-lora',
        '--lora-modules',
        'food-review-v1=/adapters/v1',
        'food-review-v2=/adapters/v2',
      ],
      models: [
        { modelName: 'chat', criticality: 'Critical', targetModels: [{ name: MODEL, weight: 1 }] },
        { modelName: 'batch', criticality: 'Sheddable', targetModels: [{ name: MODEL, weight: 1 }] },
        {
          modelName: 'food-review',
          criticality: 'Standard',
          targetModels: [
            { name: 'food-review-v1', weight: 75 },
            { name: 'food-review-v2', weight: 25 },
          ],
        },
      ],
    }),
  );
  openai = client(gateway);
});

function client({ baseURL }: Gateway): OpenAI {
  return new OpenAI({ baseURL, apiKey: 'none', maxRetries: 0 });
}

function ask(model: string, content: string, tokens = 2) {
  return openai.chat.completions.create({
    model,
    messages: [{ role: 'user', content }],
    max_completion_tokens: tokens,
    ...IGNORE_EOS,
  });
}

/** So many at a time, `count` in all. */
async function inParallel<T>(count: number, atOnce: number, run: (i: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < count) {
        const i = next++;
        results[i] = await run(i);
      }
    }),
  );
  return results;
}

/** A sample of each model server's own metrics, added up over its series. */
async function metric(of: Gateway, name: string): Promise<Map<string, number>> {
  const sums = new Map<string, number>();
  for (const { id } of await of.endpoints()) {
    const text = await (await fetch(`http://${id}/metrics`)).text();
    const lines = text.split('\n').filter(line => line.startsWith(`${name}{`));
    sums.set(
      id,
      lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0),
    );
  }
  return sums;
}

const total = (sums: ReadonlyMap<string, number>) =>
  [...sums.values()].reduce((sum, value) => sum + value, 0);

/** Text of its own, so long that prefix caches have many blocks of it. */
const longText = (name: string) =>
  Array.from({ length: 200 }, (_, i) => `${name} ${(i * 7919) % 1000}`).join(' ');

test('requests that have nothing in common go to all replicas alike', async () => {
  const count = 96;
  await inParallel(count, 8, i => ask('chat', `${i} of many`, 5));
  const served = await metric(gateway, 'vllm:request_success_total');
  assert.equal(total(served), count);
  assert.equal(served.size, REPLICAS);
  for (const [id, n] of served)
    assert.ok(n > count / REPLICAS / 3, `${id} served ${n}: ${JSON.stringify([...served])}`);
});

test("an InferenceModel's target models are drawn by weight, and the model server sees their names", async () => {
  const count = 200;
  const models = (await inParallel(count, 8, i => ask('food-review', `review ${i}`))).map(
    ({ model }) => model,
  );
  const first = models.filter(model => model === 'food-review-v1').length;
  assert.equal(first + models.filter(model => model === 'food-review-v2').length, count);
  // Four standard deviations: once in 16,000 runs.
  const deviation = Math.sqrt(count * 0.75 * 0.25);
  assert.ok(
    Math.abs(first - count * 0.75) < 4 * deviation,
    `${first} of ${count} went to the one of weight 75`,
  );
});

test('prompts with a long beginning in common stay on the replica that has it cached', async () => {
  await gateway.untilAtRest();
  const [queries, hits] = ['vllm:prefix_cache_queries_total', 'vllm:prefix_cache_hits_total'] as const;
  const before = [total(await metric(gateway, queries)), total(await metric(gateway, hits))] as const;
  const groups = ['amber', 'birch', 'cedar', 'dunes'];
  const rounds = 10;
  const endpoints = new Map(groups.map(group => [group, new Set<string>()]));
  for (let round = 0; round < rounds; round++)
    for (const group of groups) {
      const answer = await ask('chat', `${longText(group)} ${round}`);
      endpoints.get(group)!.add((await gateway.decision(answer._request_id!)).endpoint!);
      await gateway.untilAtRest();
    }
  for (const [group, set] of endpoints) assert.equal(set.size, 1, `${group} went to ${[...set]}`);
  const queried = total(await metric(gateway, queries)) - before[0];
  const hit = total(await metric(gateway, hits)) - before[1];
  // All but the first of each group: 0.9. By lot over four replicas it would be 0.62.
  assert.ok(hit / queried > 0.85, `${hit} of ${queried} tokens were cached`);
});

test('when all replicas are saturated, Sheddable is refused, and Critical is served', async () => {
  const leave = new AbortController();
  const load = Array.from({ length: REPLICAS * (SLOTS + 24) }, (_, i) =>
    openai.chat.completions.create(
      {
        model: 'chat',
        messages: [{ role: 'user', content: `${i} keeps it busy` }],
        max_completion_tokens: 3000,
        ...IGNORE_EOS,
      },
      { signal: leave.signal },
    ),
  );
  const ended = Promise.allSettled(load);
  await gateway.untilEndpoints('a queue at every replica', ({ waiting = 0 }) => waiting > 5);

  const refused: unknown = await ask('batch', 'when you have time').catch((error: unknown) => error);
  assert.ok(refused instanceof OpenAI.RateLimitError, String(refused));
  assert.equal(refused.type, 'RateLimitError');
  const explained = await place.run(['explain', refused.requestID!, '--server', gateway.admin]);
  assert.match(explained.stdout, /Criticality: +Sheddable\n/);
  assert.match(explained.stdout, /Verdict: +shed \(all model servers are saturated/);
  // A model that no InferenceModel names is sheddable too.
  await assert.rejects(ask(MODEL, 'by its own name'), OpenAI.RateLimitError);

  const critical = ask('chat', 'this matters');
  const standard = ask('food-review', 'so does this');
  // Both are queued at a model server, not refused; they are answered when there is room.
  await gateway.untilInFlight(load.length + 2);
  leave.abort();
  await ended;
  const { criticality, candidates } = await gateway.decision((await critical)._request_id!);
  assert.equal(criticality, 'Critical');
  assert.ok(candidates.every(({ metrics }) => metrics!.waiting > 5));
  assert.match((await standard).model, /^food-review-v/);

  await gateway.untilAtRest();
  assert.equal((await ask('batch', 'now there is time')).model, MODEL);
});

test('a request for an adapter goes where it is loaded, not where another would have to leave for it', async context => {
  const two = await Gateway.start(
    place,
    'adapters',
    simulatedPool({
      replicas: 2,
      flags: [
        '--sim-decode-ms=5',
        '--enable-lora',
        '--max-loras=1',
        '--max-cpu-loras=2',
        '--lora-modules',
        'sql=/adapters/sql',
        'tweets=/adapters/tweets',
      ],
    }),
  );
  context.after(() => two.up.kill());
  const sdk = client(two);
  const home = new Map<string, string>();
  const streams = [];
  for (const model of ['sql', 'tweets']) {
    const { data: stream, request_id: id } = await sdk.chat.completions
      .create({
        model,
        messages: [{ role: 'user', content: 'a long story' }],
        max_completion_tokens: 4000,
        stream: true,
        ...IGNORE_EOS,
      })
      .withResponse();
    streams.push(stream);
    const endpoint = (await two.decision(id!)).endpoint!;
    home.set(model, endpoint);
    await two.untilEndpoints('a scrape since', e => e.id !== endpoint || e.running === 1);
  }
  assert.notEqual(home.get('sql'), home.get('tweets'));
  for (let i = 0; i < 10; i++)
    for (const [model, endpoint] of home) {
      const answer = await sdk.chat.completions.create({
        model,
        messages: [{ role: 'user', content: `${i}` }],
        max_completion_tokens: 1,
      });
      const decision = await two.decision(answer._request_id!);
      assert.equal(decision.endpoint, endpoint, `${model}: ${JSON.stringify(decision.candidates)}`);
    }
  for (const stream of streams) stream.controller.abort();
  await two.untilAtRest();
});
