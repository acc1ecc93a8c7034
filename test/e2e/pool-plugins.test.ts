import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { seed, Workplace } from './cli-process.ts';

const place = new Workplace();
after(() => place.close());

const folder = join(place.folder, 'manifests');
cpSync(seed, folder, { recursive: true });
const file = join(folder, 'inference_rules.yaml');
const manifest = readFileSync(file, 'utf8');

function annotate(annotation: string): void {
  const name = 'kind: InferencePool\nmetadata:\n  name: vllm-llama2-7b-pool\n';
  assert.ok(manifest.includes(name));
  writeFileSync(file, manifest.replace(name, `${name}  annotations:\n    ${annotation}\n`));
}

const GOOD =
  'breakwater.dev/plugins: "[{ name: prefix-cache-scorer, weight: 5, parameters: { maxPrefixBlocksToMatch: 8 } }]"';
const WRONG =
  'breakwater.dev/plugins: "[{ name: prefix-cache-scorer, parameters: { maxPrefixBlocksToMatch: 0 } }]"';

const CHAT = `curl -s -i $(breakwater get gateway/example-gateway -o jsonpath='{.status.addresses[0].value}')/v1/chat/completions \\
  -H 'Content-Type: application/json' -H 'host: example.com' \\
  -d '{ "model": "/model/llama2", "max_completion_tokens": 1, "messages": [{ "role": "user", "content": "hi" }] }'`;

async function accepted(): Promise<string> {
  const { stdout } = await place.run(['get', 'inferencepool', 'vllm-llama2-7b-pool', '-o', 'json']);
  const { status } = JSON.parse(stdout) as {
    status: { parent: { conditions: { type: string; status: string; message: string }[] }[] };
  };
  const condition = status.parent[0]?.conditions.find(({ type }) => type === 'Accepted');
  return `${condition?.status}: ${condition?.message}`;
}

test("a pool's plugins: explain shows them, check knows them, and a list that is wrong closes the pool and says why", async () => {
  annotate(GOOD);
  const fine = await place.run(['check', '-f', folder]);
  assert.equal(fine.code, 0, fine.stdout);
  const up = await place.up(['-f', folder]);
  const served = (await place.shell(CHAT)).stdout;
  assert.match(served, /^HTTP\/1\.1 200 /);
  const id = /x-request-id: (\S+)/i.exec(served)?.[1] as string;
  const explained = (await place.run(['explain', id])).stdout;
  assert.match(explained, /PREFIX-CACHE-SCORER {3}TOTAL\n127\.\S+ .* 0\.00 × 5 /);
  assert.equal(await accepted(), 'True: InferencePool has been accepted by the Gateway');

  annotate(WRONG);
  const said = 'prefix-cache-scorer: expected a whole number from 1 to 256 as maxPrefixBlocksToMatch, got 0';
  const broken = await place.run(['check', '-f', folder]);
  assert.equal(broken.code, 1);
  assert.match(broken.stdout, new RegExp(`inference_rules\\.yaml:\\d+:\\d+: error: .*${said}`));
  await up.until(new RegExp(`inference_rules\\.yaml:\\d+:\\d+: error: .*${said}`));
  assert.equal(await accepted(), `False: annotation breakwater.dev/plugins: [0]: ${said}`);
  assert.match((await place.shell(CHAT)).stdout, /^HTTP\/1\.1 500 /);
});
