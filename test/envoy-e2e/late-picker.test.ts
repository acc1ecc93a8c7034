import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Workplace } from '../e2e/cli-process.ts';
import { poolManifest } from '../e2e/support/pool-manifest.ts';
import { peerTakes } from '../support/peer-takes.ts';
import { until } from '../support/until.ts';
import { ask } from './support/ask.ts';
import { upEnvoy } from './support/up-envoy.ts';

/** As long as a machine that has much to do keeps a process waiting; longer than Envoy once waited for the picker. */
const STOPPED_MS = 2000;

const place = new Workplace();
after(() => place.close());

test('a picker that is late for an answer keeps its permit: the model server has never more than the pool allows', async () => {
  const open: ServerResponse[] = [];
  const server = createServer((request, response) => {
    request.resume();
    if (request.url === '/metrics') response.writeHead(404).end();
    else open.push(response);
  });
  const address = '127.86.9.1';
  await new Promise<void>(resolve => server.listen(0, address, resolve));
  const { port } = server.address() as AddressInfo;
  // Of the pool alone: each route's limit is also held by Envoy itself.
  const ofPool = {
    apiVersion: 'gateway.envoyproxy.io/v1alpha1',
    kind: 'BackendTrafficPolicy',
    metadata: { name: 'pool-limit' },
    spec: {
      targetRefs: [{ group: 'inference.networking.k8s.io', kind: 'InferencePool', name: 'pool' }],
      circuitBreaker: { maxParallelRequests: 1 },
    },
  };
  const file = join(place.folder, 'pool.yaml');
  writeFileSync(file, `${poolManifest([{ address, port }])}\n---\n${JSON.stringify(ofPool)}`);
  const { up, gateway } = await upEnvoy(place, file);
  try {
    const first = ask(gateway);
    await until('the first request is at the model server', () => open.length === 1);
    const pid = up.child.pid as number;
    process.kill(pid, 'SIGSTOP');
    open[0]?.writeHead(200, { 'content-type': 'text/event-stream' });
    open[0]?.write('data: {"choices":[]}\n\n');
    await peerTakes(STOPPED_MS);
    process.kill(pid, 'SIGCONT');
    const second = await ask(gateway);
    assert.equal(second.status, 503);
    assert.match(second.body ?? '', /reset reason: overflow$/);
    assert.equal(open.length, 1);
    open[0]?.end('data: [DONE]\n\n');
    assert.equal((await first).status, 200);
  } finally {
    await up.kill();
    server.closeAllConnections();
    server.close();
  }
});
