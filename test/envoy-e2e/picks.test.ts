import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Workplace } from '../e2e/cli-process.ts';
import { poolManifest } from '../e2e/support/pool-manifest.ts';
import { assertAtRest, json } from '../faults/support/at-rest.ts';
import { until } from '../support/until.ts';
import { ask } from './support/ask.ts';
import { upEnvoy } from './support/up-envoy.ts';

const place = new Workplace();
after(() => place.close());

const ALPHA = 'inference.networking.x-k8s.io';

/** The pool in its older form, with a model whose requests may be shed. */
function sheddable(address: string, port: number): string {
  const pool = {
    apiVersion: `${ALPHA}/v1alpha2`,
    kind: 'InferencePool',
    metadata: { name: 'pool' },
    spec: { targetPortNumber: port, selector: { app: 'model' }, extensionRef: { name: 'picker' } },
  };
  const model = {
    apiVersion: `${ALPHA}/v1alpha2`,
    kind: 'InferenceModel',
    metadata: { name: 'batch' },
    spec: {
      modelName: 'batch',
      criticality: 'Sheddable',
      poolRef: { group: ALPHA, kind: 'InferencePool', name: 'pool' },
      targetModels: [{ name: 'batch-v2', weight: 100 }],
    },
  };
  return poolManifest([{ address, port }])
    .replace('"group":"inference.networking.k8s.io"', `"group":"${ALPHA}"`)
    .split('\n---\n')
    .map(text => (text.includes('"kind":"InferencePool","metadata"') ? JSON.stringify(pool) : text))
    .concat(JSON.stringify(model))
    .join('\n---\n');
}

test('endpoints with their figures, a model that is rewritten, and a request that is shed and says why', async () => {
  let waiting = 0;
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    if (request.url === '/metrics')
      response.end(`vllm:num_requests_running 3\nvllm:num_requests_waiting ${waiting}\n`);
    else {
      bodies.push(text);
      response.end('{}');
    }
  });
  const address = '127.86.5.1';
  await new Promise<void>(resolve => server.listen(0, address, resolve));
  const { port } = server.address() as AddressInfo;
  const file = join(place.folder, 'pool.yaml');
  writeFileSync(file, sheddable(address, port));
  const { up, gateway, admin } = await upEnvoy(place, file);
  const batch = { model: 'batch', messages: [] };
  const endpoint = async () => {
    const [first] = await json<{ id: string; state: string; running?: number; waiting?: number }[]>(
      `${admin}/v1/endpoints`,
    );
    return first;
  };

  await until('it is scraped', async () => (await endpoint())?.running === 3);
  assert.equal((await endpoint())?.id, `${address}:${port}`);
  const served = await ask(gateway, { body: batch });
  assert.equal(served.status, 200);
  assert.equal(JSON.parse(bodies[0] ?? '').model, 'batch-v2');

  waiting = 10;
  await until('ten wait there', async () => (await endpoint())?.waiting === 10);
  const shed = await ask(gateway, { body: batch });
  assert.equal(shed.status, 429);
  assert.equal(shed.headers['x-breakwater-reason'], 'reason=saturated; criticality=Sheddable');
  const explained = await place.run(['explain', String(shed.headers['x-request-id'])]);
  assert.match(
    explained.stdout,
    /Model: +batch, sent as batch-v2\nCriticality: +Sheddable\nVerdict: +shed \(/,
  );
  assert.equal(bodies.length, 1);
  await assertAtRest(admin);
  await up.kill();
  server.closeAllConnections();
  server.close();
});
