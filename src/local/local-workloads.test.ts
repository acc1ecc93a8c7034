import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { until } from '../../test/support/until.ts';
import { VirtualClock } from '../kernel/virtual-clock-for-test.ts';
import { addressesFor } from './address.ts';
import {
  addressOf,
  deployment,
  example,
  isGone,
  manifests,
  modelIds,
  models,
  nextPort,
  workloadsForTest,
} from './workloads-for-test.ts';

test("the example: vLLM's Deployment is simulated with its template and adapters, sleep is not run", async context => {
  const workloads = await workloadsForTest(context, { simulatorFlags: ['--sim-speed=20'] });
  const page = example('inference_app.yaml').replaceAll('8000', String(nextPort()));
  await workloads.apply(manifests(page, example('sleep.yaml')));
  const notes = new Map(workloads.notes().map(note => [note.name, note]));
  assert.deepEqual(notes.get('sleep'), {
    kind: 'Deployment',
    namespace: 'default',
    name: 'sleep',
    what: 'not-run',
    addresses: [],
    reason: '`/bin/sleep infinity` is not a model server that can be simulated',
    unknownFlags: [],
  });
  const { what, addresses, unknownFlags } = notes.get('vllm-llama2-7b-pool')!;
  assert.equal(what, 'simulated');
  assert.deepEqual(unknownFlags, []);
  assert.match(addresses[0]!, /^127\.\d+\.\d+\.\d+:\d+$/);

  const messages = [{ role: 'user', content: 'introduce yourself' }];
  const response = await fetch(`http://${addresses[0]}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: '/model/llama2', max_completion_tokens: 100, temperature: 0, messages }),
  });
  const { usage } = (await response.json()) as { usage: Record<string, unknown> };
  assert.deepEqual(
    [usage['prompt_tokens'], usage['completion_tokens'], usage['total_tokens']],
    [15, 100, 115],
  );
  const [host, port] = addresses[0]!.split(':') as [string, string];
  const served = await modelIds(host, Number(port));
  assert.equal(served.length, 11);
  assert.deepEqual(served.slice(0, 2), ['/model/llama2', 'sql-lora']);
});

test('each replica has a Pod and an address of its own, the same ones after a restart', async context => {
  const port = nextPort();
  const set = manifests(deployment({ replicas: 3, port }));
  const first = await workloadsForTest(context);
  await first.apply(set);
  const pods = first.pods();
  assert.equal(new Set(pods.map(addressOf)).size, 3);
  for (const pod of pods) {
    assert.match(pod.metadata.name, /^llama-[a-z0-9]+-[a-z0-9]{5}$/);
    assert.deepEqual(await modelIds(addressOf(pod), port), ['llama']);
  }
  const identity = pods.map(pod => [pod.metadata.name, pod.metadata.uid, addressOf(pod)]);
  await first.close();
  const second = await workloadsForTest(context);
  await second.apply(set);
  assert.deepEqual(
    second.pods().map(pod => [pod.metadata.name, pod.metadata.uid, addressOf(pod)]),
    identity,
  );
});

test('what has not changed is left alone, what is scaled down drains', async context => {
  const port = nextPort();
  const workloads = await workloadsForTest(context);
  await workloads.apply(manifests(deployment({ replicas: 2, port })));
  const [kept, removed] = workloads.pods();
  // An answer that takes longer than the removal.
  const answer = fetch(`http://${addressOf(removed!)}:${port}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: 'x', max_tokens: 3500, ignore_eos: true }),
  });
  await until('the request runs', async () =>
    /num_requests_running\{[^}]*\} 1\.0/.test(
      await (await fetch(`http://${addressOf(removed!)}:${port}/metrics`)).text(),
    ),
  );
  await workloads.apply(manifests(deployment({ replicas: 1, port })));
  assert.deepEqual(workloads.pods(), [kept]);
  // The data plane may not know yet: new requests are still taken for a moment.
  assert.equal((await models(addressOf(removed!), port)).status, 200);
  await until('the removed replica takes no more', () => isGone(addressOf(removed!), port));
  const { usage } = (await (await answer).json()) as { usage: { completion_tokens: number } };
  assert.equal(usage.completion_tokens, 3500);
});

test('a Deployment that is deleted drains; it can come back', async context => {
  const port = nextPort();
  const workloads = await workloadsForTest(context);
  await workloads.apply(manifests(deployment({ port })));
  const [pod] = workloads.pods();
  await workloads.apply(manifests());
  assert.deepEqual([workloads.pods(), workloads.notes(), workloads.deploymentStatuses()], [[], [], []]);
  assert.equal((await models(addressOf(pod!), port)).status, 200);
  await until('it has gone', () => isGone(addressOf(pod!), port));
  await workloads.apply(manifests(deployment({ port })));
  assert.deepEqual(workloads.pods().map(addressOf), [addressOf(pod!)]);
});

test('an edit starts the new replica before the old one goes', async context => {
  const port = nextPort();
  const workloads = await workloadsForTest(context);
  await workloads.apply(manifests(deployment({ port })));
  const [before] = workloads.pods();
  await workloads.apply(manifests(deployment({ port, args: '--served-model-name other' })));
  const [after] = workloads.pods();
  assert.notEqual(addressOf(after!), addressOf(before!));
  assert.notEqual(after!.metadata.name, before!.metadata.name);
  assert.deepEqual(await modelIds(addressOf(after!), port), ['other']);
  assert.deepEqual(await modelIds(addressOf(before!), port), ['llama']);
  await until('the old one has gone', () => isGone(addressOf(before!), port));
  // As after `kubectl rollout restart`, which changes nothing but an annotation.
  await workloads.apply(manifests(deployment({ port, args: '--served-model-name other', annotation: 'b' })));
  assert.notEqual(workloads.pods()[0]!.metadata.name, after!.metadata.name);
});

test('an edit that cannot start leaves the old replicas, and says why', async context => {
  const port = nextPort();
  const workloads = await workloadsForTest(context);
  await workloads.apply(manifests(deployment({ port })));
  const [before] = workloads.pods();
  await workloads.apply(manifests(deployment({ port, args: '--max-model-len many' })));
  assert.deepEqual(workloads.pods(), [before]);
  assert.match(workloads.notes()[0]!.reason, /would not start: argument --max-model-len: invalid int value/);
  assert.deepEqual(await modelIds(addressOf(before!), port), ['llama']);
});

test('a chat template is read from its ConfigMap, and a change of it is served', async context => {
  const port = nextPort();
  const workloads = await workloadsForTest(context);
  const configMap = (text: string) =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'templates' },
      data: { 't.jinja': text },
    });
  const tokens = async () => {
    const response = await fetch(`http://${addressOf(workloads.pods()[0]!)}:${port}/tokenize`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ messages: [{ role: 'user', content: 'x' }] }),
    });
    return ((await response.json()) as { count: number }).count;
  };
  const text = deployment({ port, template: 'templates' });
  await workloads.apply(manifests(text));
  assert.equal(workloads.notes()[0]!.reason, 'waits for ConfigMap default/templates, which is not there');
  assert.deepEqual(workloads.pods(), []);
  await workloads.apply(manifests(text, configMap('one')));
  const short = await tokens();
  await workloads.apply(manifests(text, configMap('one two three four five six')));
  assert.ok((await tokens()) > short);
});

test('an address that is taken is passed over', async context => {
  const port = nextPort();
  const [first, second] = addressesFor('Deployment/default/llama/0');
  const other = createServer().listen(port, first);
  await once(other, 'listening');
  context.after(() => other.close());
  const workloads = await workloadsForTest(context);
  await workloads.apply(manifests(deployment({ port })));
  assert.deepEqual(workloads.pods().map(addressOf), [second]);
});

test('two programs with the same manifests get along', async context => {
  const set = manifests(deployment({ port: nextPort() }));
  const [one, two] = [await workloadsForTest(context), await workloadsForTest(context)];
  await Promise.all([one.apply(set), two.apply(set)]);
  assert.notEqual(addressOf(one.pods()[0]!), addressOf(two.pods()[0]!));
});

test('a port that is taken on every address is told, and tried again until it is free', async context => {
  const port = nextPort();
  const other = createServer().listen(port, '0.0.0.0');
  await once(other, 'listening');
  const { clock, end } = VirtualClock.use();
  context.after(end);
  const workloads = await workloadsForTest(context);
  await workloads.apply(manifests(deployment({ port })));
  assert.deepEqual(workloads.pods(), []);
  assert.match(
    workloads.notes()[0]!.reason,
    new RegExp(`^port ${port} is taken on this machine: none of 32 `),
  );
  const changed = new Promise<void>(resolve => workloads.onChange(resolve));
  other.close();
  await clock.advance(5000);
  await changed;
  assert.equal(workloads.pods().length, 1);
  assert.equal(workloads.notes()[0]!.reason, '');
});

test('when the thread of the simulators dies, all are there again with a restart counted', async context => {
  const port = nextPort();
  const events: string[] = [];
  const workloads = await workloadsForTest(context, {
    onEvent: message => events.push(message),
    threadUrl: new URL('./thread-for-test.ts', import.meta.url),
  });
  await workloads.apply(manifests(deployment({ replicas: 2, port })));
  const before = workloads.pods().map(addressOf);
  const changes: number[] = [];
  workloads.onChange(() => changes.push(workloads.pods().length));
  const channel = new BroadcastChannel('crash-simulators');
  channel.postMessage('now');
  await until('both are back', () => changes.at(-1) === 2);
  channel.close();
  // The data plane hears at once that nobody answers.
  assert.equal(changes[0], 0);
  assert.match(events.join(), /have died \(crashed by the test\); they are started again/);
  assert.deepEqual(workloads.pods().map(addressOf), before);
  const [status] = workloads.pods()[0]!.status!['containerStatuses'] as { restartCount: number }[];
  assert.equal(status!.restartCount, 1);
  assert.deepEqual(await modelIds(before[0]!, port), ['llama']);
});
