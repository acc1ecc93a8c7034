import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Workplace } from '../e2e/cli-process.ts';
import { poolManifest } from '../e2e/support/pool-manifest.ts';
import { EnvoyProcess } from '../support/envoy-process.ts';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';
import { ModelServer } from './support/model-server.ts';
import { poolBootstrap } from './support/pool-route.ts';

const place = new Workplace();
after(() => place.close());

const BODY = JSON.stringify({ model: 'm', messages: [] });

/** Opens a request; its response's head has come, its body waits. */
async function open(port: number): Promise<IncomingMessage> {
  const asked = request({
    port,
    host: '127.0.0.1',
    path: '/v1/chat/completions',
    method: 'POST',
    agent: false,
  });
  asked.on('error', () => {});
  asked.end(BODY);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return response;
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return text;
}

test('kill -9 of the picker: what is in flight ends whole, new requests are served, and counted when it is back', async () => {
  const waiting: ServerResponse[] = [];
  const models = await ModelServer.start((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: 1\n\n');
    waiting.push(response);
  });
  const [grpcPort, healthPort, metricsPort] = [await freePort(), await freePort(), await freePort()];
  const file = join(place.folder, 'pool.yaml');
  writeFileSync(
    file,
    poolManifest([{ address: '127.0.0.1', port: models.port }], { maxParallelRequests: 2 }),
  );
  const startPicker = async () => {
    const { output } = place.start([
      ...['picker', '--pool', 'default/pool', '-f', file, '--address', '127.0.0.1', '--secure-serving=false'],
      ...['--port', String(grpcPort), '--health-port', String(healthPort)],
      ...['--metrics-port', String(metricsPort)],
    ]);
    await output.until(/Ctrl-C ends it/);
    return output;
  };
  const first = await startPicker();
  // Of a body that was sent FULL_DUPLEX_STREAMED Envoy has nothing left to go on with: it answers 500.
  const envoy = await EnvoyProcess.start(
    poolBootstrap({ endpoints: [models.port], picker: grpcPort, requestBody: 'BUFFERED' }),
  );
  const port = await envoy.port('gateway');
  const permits = async () => {
    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    return Number(/^breakwater_limit_in_use\{.*maxParallelRequests.*\} (\d+)$/m.exec(text)?.[1]);
  };
  try {
    const one = await open(port);
    assert.equal(one.statusCode, 200);
    assert.equal(await permits(), 1);
    const decision = await place.run([
      ...['explain', String(one.headers['x-request-id'])],
      ...['--server', `http://127.0.0.1:${metricsPort}`],
    ]);
    assert.equal(decision.code, 0, decision.stderr);
    assert.match(decision.stdout, new RegExp(`127.0.0.1:${models.port}`));

    await first.kill();
    const two = await open(port);
    assert.equal(two.statusCode, 200);

    models.running = 2;
    await startPicker();
    await until('Envoy asks the picker again', async () => {
      const response = await open(port);
      if (response.statusCode === 503) return response;
      // The fallback policy served it: Envoy has not reconnected yet.
      waiting.pop()?.end();
      await textOf(response);
      return undefined;
    }).then(async refused => {
      assert.match(String(refused.headers['x-breakwater-reason']), /in-use=2; max=2/);
      assert.match(await textOf(refused), /reset reason: overflow$/);
    });

    models.running = 0;
    for (const response of waiting.splice(0)) response.end('data: 2\n\n');
    assert.equal(await textOf(one), 'data: 1\n\ndata: 2\n\n');
    assert.equal(await textOf(two), 'data: 1\n\ndata: 2\n\n');
    const three = await until('what ended counts no more', async () => {
      const response = await open(port);
      if (response.statusCode === 200) return response;
      await textOf(response);
      return undefined;
    });
    assert.equal(await permits(), 1);
    waiting.pop()?.end();
    await textOf(three);
    await until('nothing is held', async () => ((await permits()) === 0 ? true : undefined));
  } finally {
    await envoy.stop();
    await models.close();
  }
});
