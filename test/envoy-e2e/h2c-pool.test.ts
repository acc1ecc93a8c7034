import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Workplace } from '../e2e/cli-process.ts';
import { poolManifest } from '../e2e/support/pool-manifest.ts';
import { Manifests, running } from '../faults/support/running.ts';
import { ask } from './support/ask.ts';
import { upEnvoy } from './support/up-envoy.ts';

/** A model server that speaks HTTP/2 in plain text, from the first byte, and nothing else. */
const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', text => {
    body += text;
  });
  request.on('end', () =>
    response.end(`HTTP/${request.httpVersion} ${request.method} ${request.url} ${body}`),
  );
});
const place = new Workplace();
let file = '';

before(async () => {
  server.listen(0, '127.86.26.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const files = new Manifests(join(place.folder, 'h2c'));
  const manifest = poolManifest([{ address: '127.86.26.1', port }]);
  const speaks = manifest.replace('"targetPorts":', '"appProtocol":"kubernetes.io/h2c","targetPorts":');
  assert.notEqual(speaks, manifest);
  files.write('pool.yaml', speaks);
  file = files.path;
});
after(async () => {
  await place.close();
  server.close();
});

const BODY = { model: 'm', prompt: 'hello' };

test('a pool whose servers speak HTTP/2 in plain text is served by Envoy', async () => {
  const { up, gateway } = await upEnvoy(place, file);
  for (let i = 0; i < 3; i++) {
    const { status, body } = await ask(gateway, { body: BODY });
    assert.deepEqual([status, body], [200, `HTTP/2.0 POST /v1/chat/completions ${JSON.stringify(BODY)}`]);
  }
  await up.kill();
});

test('the embedded plane answers 500; explain and the status of the pool say why', async () => {
  const { up, gateway } = await running(place, ['-f', file]);
  const { status, headers, body } = await ask(gateway, { body: BODY });
  assert.equal(status, 500);
  assert.doesNotMatch(body ?? '', /HTTP\/2/);
  const explained = await place.run(['explain', String(headers['x-request-id'])]);
  assert.match(explained.stdout, /h2c is not supported by the embedded data plane/);
  const template = 'jsonpath={.items[*].status.parents[*].conditions[?(@.type=="Accepted")].message}';
  const told = await place.run(['get', 'inferencepools', '-o', template]);
  assert.match(told.stdout, /h2c is not supported by the embedded data plane/);
  await up.kill();
});
