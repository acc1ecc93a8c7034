import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Workplace } from '../e2e/cli-process.ts';
import { poolManifest } from '../e2e/support/pool-manifest.ts';
import { until } from '../support/until.ts';
import { ask } from './support/ask.ts';
import { upEnvoy } from './support/up-envoy.ts';

const place = new Workplace();
after(() => place.close());

const ANSWER = 'x'.repeat(1000);

/** A model server, and `up` on Envoy in front of it. */
async function serving(address: string, circuitBreaker: Readonly<Record<string, unknown>>) {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.end(request.url === '/metrics' ? '' : ANSWER));
  });
  await new Promise<void>(resolve => server.listen(0, address, resolve));
  const { port } = server.address() as AddressInfo;
  const file = join(place.folder, `${address}.yaml`);
  writeFileSync(file, poolManifest([{ address, port }], circuitBreaker));
  const running = await upEnvoy(place, file);
  const stop = async () => {
    await running.up.kill();
    server.closeAllConnections();
    server.close();
  };
  const explain = async (id: unknown) => (await place.run(['explain', String(id)])).stdout;
  /** Once Envoy has said how it ended. */
  const explained = (id: unknown) =>
    until(
      'Envoy tells how the request ended',
      async () => {
        const text = await explain(id);
        return /\nEnvoy: /.test(text) ? text : undefined;
      },
      60_000,
    );
  const metrics = async () => (await fetch(`${running.admin}/metrics`)).text();
  return { ...running, port, stop, explained, metrics };
}

test('explain shows what Envoy did, and the metrics add it up, from its access log', async () => {
  const address = '127.86.7.1';
  const { gateway, port, stop, explained, metrics } = await serving(address, {});
  try {
    const { status, headers } = await ask(gateway);
    assert.equal(status, 200);
    const text = await explained(headers['x-request-id']);
    assert.match(text, new RegExp(`\nEnvoy: +200 \\(via_upstream\\) from ${address}:${port}\n`));
    assert.match(text, /\nTook: +[\d.]+ ms, first byte after [\d.]+ ms; 60 bytes in, 1000 bytes out\n/);
    const series = `{pool="default/pool",endpoint="${address}:${port}"}`;
    const counted = await metrics();
    assert.match(counted, /^breakwater_envoy_requests_total\{.*code_class="2xx"\} 1$/m);
    assert.ok(counted.includes(`breakwater_envoy_request_body_bytes_total${series} 60\n`));
    assert.ok(counted.includes(`breakwater_envoy_response_body_bytes_total${series} 1000\n`));
    assert.match(counted, /^breakwater_picker_streams 0$/m);
  } finally {
    await stop();
  }
});

test('a refusal by one of Envoy’s own thresholds: the client, explain, limits and metrics say so', async () => {
  const { gateway, stop, explained, metrics } = await serving('127.86.7.2', { maxPendingRequests: 0 });
  try {
    const { status, headers } = await ask(gateway);
    assert.equal(status, 503);
    assert.equal(headers['x-envoy-overloaded'], 'true');
    const scope = 'httproute/default/route/rule/0';
    assert.equal(
      headers['x-breakwater-reason'],
      `limit=maxPendingRequests; scope="${scope}"; in-use=0; max=0`,
    );
    const text = await explained(headers['x-request-id']);
    assert.match(text, /\nVerdict: +overflow 127\.86\.7\.2:\d+ \(Envoy's own limit\)\n/);
    assert.match(text, new RegExp(`\nPermit: +refused by maxPendingRequests of ${scope}, 0 of 0 in use\n`));
    assert.match(
      text,
      /\nEnvoy: +503 UO \(upstream_reset_before_response_started\{overflow\}\) nobody asked\n/,
    );
    const counted = await metrics();
    console.log(
      counted
        .split('\n')
        .filter(l => /flag|envoy/.test(l))
        .join('\n'),
    );
    assert.ok(counted.includes(`breakwater_envoy_response_flags_total{scope="${scope}",flag="UO"} 1\n`));
    assert.ok(
      counted.includes(`breakwater_limit_overflows_total{scope="${scope}",limit="maxPendingRequests"} 1\n`),
    );
    assert.match(counted, /^breakwater_endpoint_available\{.*\} 1$/m);
  } finally {
    await stop();
  }
});
