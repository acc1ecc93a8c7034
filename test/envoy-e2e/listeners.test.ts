import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { Workplace } from '../e2e/cli-process.ts';
import { CountingUpstream } from '../e2e/support/counting-upstream.ts';
import { poolManifest } from '../e2e/support/pool-manifest.ts';
import { Manifests } from '../faults/support/running.ts';
import { StreamingServer } from '../faults/support/streaming-server.ts';
import { secret } from '../proxy/support/certificates.ts';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';
import { envoyFlags, upEnvoy } from './support/up-envoy.ts';

const place = new Workplace();
after(() => place.close());

test('HTTPS: a new certificate is shown from the next connection on, and streams go on', async t => {
  const streams = new StreamingServer();
  t.after(() => streams.close());
  const port = await streams.listen('127.86.4.1');
  const files = new Manifests(join(place.folder, 'https'));
  const listener = {
    name: 'https',
    port: 80,
    protocol: 'HTTPS',
    tls: { certificateRefs: [{ name: 'certificate' }] },
  };
  const manifest = poolManifest([{ address: '127.86.4.1', port }]);
  files.write(
    'pool.yaml',
    manifest.replace(/"listeners":\[.*?\]/, `"listeners":[${JSON.stringify(listener)}]`),
  );
  files.write('secret.yaml', secret('certificate', 'a.example'));
  const { up, gateway } = await upEnvoy(place, files.path);

  const [first, ...rest] = [await openStream(gateway), await openStream(gateway)];
  assert.equal(first?.certificate, 'a.example');
  files.replace('secret.yaml', secret('certificate', 'any'));
  const shown = await until('the new certificate', async () => {
    const one = await openStream(gateway);
    rest.push(one);
    return one.certificate === 'a.example' ? undefined : one.certificate;
  });
  assert.equal(shown, 'any.example');
  assert.equal(streams.open, rest.length + 1);
  streams.finish();
  for (const stream of [first, ...rest]) assert.match((await stream?.text) ?? '', /\[DONE\]\n\n$/);
  await up.kill();
});

test('a port that another program has: it is said, and served once it is free', async t => {
  const upstream = new CountingUpstream(() => 1);
  t.after(() => upstream.close());
  const port = await upstream.listen('127.86.4.2');
  const files = new Manifests(join(place.folder, 'taken'));
  files.write('pool.yaml', poolManifest([{ address: '127.86.4.2', port }]));
  const taken = await freePort();
  const other = createServer().listen(taken, '127.0.0.1');
  await once(other, 'listening');
  const { output } = place.start([
    ...['up', '-f', files.path, ...(await envoyFlags()), '--admin-address', '127.0.0.1:0'],
    ...['--port-offset', String(taken - 80)],
  ]);
  await output.until(
    new RegExp(`is not bound: port ${taken} on 127\\.0\\.0\\.1 is taken by another program`),
  );
  const gateways = await place.run(['get', 'gateways']);
  assert.match(gateways.stdout, /gateway +breakwater +False/);
  other.close();
  await output.until(/its port is free now; listening on/);
  const answer = await fetch(`http://127.0.0.1:${taken}/v1/chat/completions`, { method: 'POST', body: '{}' });
  assert.equal(answer.status, 200);
  await output.kill();
});

interface Stream {
  readonly certificate: string;
  readonly text: Promise<string>;
}

/** A request on a connection of its own, whose answer has begun. */
async function openStream(gateway: string): Promise<Stream> {
  const url = `https://${gateway}/v1/chat/completions`;
  const asked = request(url, { method: 'POST', rejectUnauthorized: false, agent: false });
  asked.end('{}');
  const [response] = await once(asked, 'response');
  const certificate = String((response.socket as TLSSocket).getPeerCertificate().subject.CN);
  return { certificate, text: textOf(response) };
}

async function textOf(response: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  for await (const chunk of response) text += chunk;
  return text;
}
