import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { packageVersion } from '../../src/cli/package-version.ts';
import { defaultInstallOptions, installObjects } from '../../src/install/index.ts';
import { seed } from '../e2e/cli-process.ts';
import { until } from '../support/until.ts';
import { Lab, labImages } from './lab/index.ts';

/**
 * The page: its four files as they are, on a cluster that runs Breakwater, then its commands. The two windows are two curls of
 * the `sleep` Pod.
 */
const PLANES = ['embedded', 'envoy'] as const;
const PATIENCE_MS = 180_000;
/** Envoy's own, to the byte; the page shows it so. */
const OVERFLOW = 'upstream connect error or disconnect/reset before headers. reset reason: overflow';
/** What the page's `kubectl apply` is about, and no more. */
const CONDITIONS = [
  ['gateway/example-gateway', '{.status.conditions}'],
  ['httproute/test-httproute', '{.status.parents[0].conditions}'],
  ['inferencepools.inference.networking.x-k8s.io/vllm-llama2-7b-pool', '{.status.parent[0].conditions}'],
  ['backendtrafficpolicy/circuitbreaker-for-route', '{.status.ancestors[0].conditions}'],
] as const;

const run = promisify(execFile);

for (const plane of PLANES) {
  test(`${plane}: the page's commands give the page's answers`, async t => {
    const lab = await Lab.start({ images: labImages });
    t.after(() => lab.stop());
    const kubectl = async (...args: string[]) =>
      (await run('kubectl', ['--kubeconfig', lab.kubeconfig, ...args], { timeout: 120_000 })).stdout;
    await lab.install(installObjects({ ...defaultInstallOptions(packageVersion()), plane }));
    await kubectl('apply', '-f', seed);
    await kubectl('wait', '--for=condition=Available', '--timeout=110s', 'deployment', '--all');
    await kubectl('wait', '--for=condition=Programmed', '--timeout=110s', 'gateway/example-gateway');
    const address = await kubectl(
      'get',
      'gateway/example-gateway',
      '-o',
      'jsonpath={.status.addresses[0].value}',
    );

    /** The page's command, with the head of the answer. */
    const chat = async (tokens: number) => {
      const command = `curl -s -i -X POST ${address}/v1/chat/completions -H 'Content-Type: application/json' -H "host: example.com" -d '{
    "model": "/model/llama2",
    "max_completion_tokens": ${tokens},
    "temperature": 0,
    "messages": [{"role": "user", "content": "introduce yourself"}]
}'`;
      const { stdout } = await lab.exec('default', 'deployment/sleep', ['sh', '-c', command]);
      const [head = '', body = ''] = stdout.split('\r\n\r\n');
      return { head, body };
    };

    await until('it answers', async () => / 200 OK/.test((await chat(1)).head), PATIENCE_MS);
    const { one, two } = await until(
      'two windows at a time',
      async () => {
        const both = await Promise.all([chat(400), chat(400)]);
        const one = both.find(({ head }) => / 200 /.test(head));
        const two = both.find(({ head }) => / 503 /.test(head));
        return one !== undefined && two !== undefined ? { one, two } : undefined;
      },
      PATIENCE_MS,
    );
    const { usage, choices } = JSON.parse(one.body);
    assert.equal(choices[0].finish_reason, 'length');
    assert.deepEqual([usage.prompt_tokens, usage.completion_tokens], [15, 400]);
    assert.equal(two.body, OVERFLOW);
    assert.match(two.head, /^HTTP\/1\.1 503 Service Unavailable\r\n/);
    for (const header of ['x-envoy-overloaded: true', 'content-type: text/plain', 'content-length: 81'])
      assert.ok(two.head.toLowerCase().split('\r\n').includes(header), `${header}\n${two.head}`);
    assert.equal(JSON.parse((await chat(100)).body).usage.completion_tokens, 100, 'the next one is served');

    for (const [name, path] of CONDITIONS) {
      const conditions = JSON.parse(await kubectl('get', name, '-o', `jsonpath=${path}`));
      assert.deepEqual(
        conditions.filter(({ status }: { status: string }) => status !== 'True'),
        [],
        name,
      );
    }
  });
}
