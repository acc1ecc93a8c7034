import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Workplace } from '../e2e/cli-process.ts';
import { poolManifest } from '../e2e/support/pool-manifest.ts';
import { eventually } from '../proxy/support/within.ts';
import { assertAtRest, endpointsOf } from './support/at-rest.ts';
import { ask } from './support/load.ts';
import { running } from './support/running.ts';

const place = new Workplace();
after(() => place.close());

/** Back on its port, a model server is served again within this: a scrape that failed is repeated after 2 s at most. */
const SERVED_AGAIN_WITHIN_MS = 3500;

const METRICS = 'vllm:num_requests_running 0\nvllm:num_requests_waiting 0\nvllm:kv_cache_usage_perc 0\n';
const ANSWER = `HTTP/1.1 200 OK\r\ncontent-length: ${METRICS.length}\r\n\r\n${METRICS}`;

/** A model server as bytes: metrics and answers are what the test says. */
class RawServer {
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  /** Bytes for a scrape; undefined: none, ever. */
  metrics: string | undefined = ANSWER;
  served = 0;

  async listen(address: string, port: number): Promise<number> {
    const server = createServer(socket => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => this.#sockets.delete(socket));
      let text = '';
      socket.on('data', bytes => {
        text += bytes.toString('latin1');
        const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
        const head = text.indexOf('\r\n\r\n');
        if (head === -1 || text.length < head + 4 + length) return;
        const scrape = text.startsWith('GET /metrics');
        text = '';
        if (!scrape) this.served++;
        const reply = scrape ? this.metrics : 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
        if (reply !== undefined) socket.write(reply);
      });
    });
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, address, resolve);
    });
    return (server.address() as { port: number }).port;
  }

  /** As a process that is killed: the kernel closes its connections. */
  async kill(): Promise<void> {
    const closed = new Promise(resolve => this.#server?.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

for (const count of [1, 3]) {
  test(`one of ${count} model servers dies and comes back: the others serve meanwhile, and it is served again soon`, async t => {
    const servers = Array.from({ length: count }, () => new RawServer());
    t.after(() => Promise.all(servers.map(server => server.kill())));
    let port = 0;
    const addresses = servers.map((_, i) => `127.86.${count}.${i + 1}`);
    for (const [i, server] of servers.entries()) port = await server.listen(addresses[i]!, port);
    const file = join(place.folder, `revival-${count}.yaml`);
    writeFileSync(file, poolManifest(addresses.map(address => ({ address, port }))));
    const { up, gateway, admin } = await running(place, ['-f', file, '--workers', '2']);
    const [first] = servers as [RawServer];
    await eventually(5000, 'an answer', async () => {
      await ask(gateway);
      return first.served > 0;
    });

    await first.kill();
    const seen: number[] = [];
    for (let i = 0; i < 40; i++) seen.push((await ask(gateway)).status);
    assert.ok(seen.filter(status => status !== 200).length <= (count === 1 ? 40 : 5), `${seen}`);
    if (count === 1) {
      assert.deepEqual([...new Set(seen)], [503]);
      // The last one is never ejected; that nobody listens is known all the same.
      await eventually(
        5000,
        'a refused scrape',
        async () => (await endpointsOf(admin))[0]?.state === 'refused',
      );
    }

    await up.until(/metrics cannot be scraped/);
    const before = first.served;
    await first.listen(addresses[0]!, port);
    const backAt = performance.now();
    await eventually(SERVED_AGAIN_WITHIN_MS, 'an answer of the one that is back', async () => {
      await ask(gateway);
      return first.served > before;
    });
    t.diagnostic(`served again ${Math.round(performance.now() - backAt)} ms after it was back`);
    await assertAtRest(admin);
    await up.kill();
  });
}

test('metrics that hang, that are garbage, that end early, that fail: requests are served all the same', async t => {
  const server = new RawServer();
  t.after(() => server.kill());
  const port = await server.listen('127.86.9.1', 0);
  const file = join(place.folder, 'metrics.yaml');
  writeFileSync(file, poolManifest([{ address: '127.86.9.1', port }]));
  const { up, gateway, admin } = await running(place, ['-f', file]);
  for (const metrics of [
    undefined,
    'garbage\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nvllm:num_requests_running 1',
    'HTTP/1.1 200 OK\r\ncontent-length: 30\r\n\r\nvllm:num_requests_running NaN\n',
    'HTTP/1.1 500 X\r\ncontent-length: 0\r\n\r\n',
  ]) {
    server.metrics = metrics;
    for (let i = 0; i < 20; i++) assert.equal((await ask(gateway)).status, 200);
  }
  const [endpoint] = await endpointsOf(admin);
  assert.equal(endpoint?.state, 'available');
  await assertAtRest(admin);
  await up.kill();
});
