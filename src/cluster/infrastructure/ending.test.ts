import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { JsonValue } from '@bufbuild/protobuf';
import { parse } from 'yaml';
import { EnvoyProcess } from '../../../test/support/envoy-process.ts';
import { freePort } from '../../../test/support/free-port.ts';
import { until } from '../../../test/support/until.ts';
import type { Gateway } from '../../api/index.ts';
import { type DrainTimes, drainTimes } from './drain.ts';
import { ENDING_PATH_VARIABLE, endingFilter, endingPath } from './ending.ts';
import { answersEnding, bootstrapYaml } from './gateway-bootstrap.ts';
import type { ProxySpec } from './proxy-spec.ts';
import { ENVOY_PORTS, httpListener, localCluster, ROUTER, socketAddress } from './static-parts.ts';

const XDS = { xdsHost: 'localhost', xdsPort: 1 };
const gateway = { metadata: { name: 'it', namespace: 'default', uid: 'u-it' } } as Gateway;
const path = endingPath(gateway);
/** After 1 s a Pod ends when no connection is left, after 3 s when no request is. */
const shutdown = { minDrainDuration: '1s', drainTimeout: '3s' };
/** Far above what a busy machine adds, far below the longest time. */
const PATIENCE_SECONDS = 60;

/** Of a model server, by path: each begins an answer and leaves it open. */
const answers = new Map<string, ServerResponse>();
const upstream = createServer(({ url = '' }, response) => {
  response.write('one ');
  answers.set(url, response);
});

before(async () => {
  process.env[ENDING_PATH_VARIABLE] = path;
  await once(upstream.listen(0, '127.0.0.1'), 'listening');
});
after(() => {
  upstream.close();
  upstream.closeAllConnections();
});

/** An Envoy of a Pod, without a control plane, that has its Gateway's listener and streams from the model server. */
class PodEnvoy {
  readonly envoy: EnvoyProcess;
  readonly readiness: number;
  readonly gateway: number;
  readonly #agent = new Agent({ keepAlive: true });

  private constructor(envoy: EnvoyProcess, readiness: number, gatewayPort: number) {
    this.envoy = envoy;
    this.readiness = readiness;
    this.gateway = gatewayPort;
  }

  static async start(spec: ProxySpec, times?: DrainTimes): Promise<PodEnvoy> {
    const [admin, readiness, metrics] = [await freePort(), await freePort(), await freePort()];
    const own = bootstrapYaml(XDS, spec)
      .replaceAll(`port_value: ${ENVOY_PORTS.admin}`, `port_value: ${admin}`)
      .replaceAll(`port_value: ${ENVOY_PORTS.readiness}`, `port_value: ${readiness}`)
      .replaceAll(`port_value: ${ENVOY_PORTS.metrics}`, `port_value: ${metrics}`)
      .replaceAll('@breakwater/ending', `@breakwater/ending-${admin}`);
    const { dynamic_resources, ...bootstrap } = parse(own);
    const { listeners, clusters } = bootstrap.static_resources;
    const port = await freePort();
    listeners.push(
      httpListener({
        name: 'http-10080',
        address: socketAddress('127.0.0.1', port),
        filters: [ROUTER],
        route: {
          match: { prefix: '/' },
          route: { cluster: 'model-server', timeout: '0s', upgrade_configs: [{ upgrade_type: 'websocket' }] },
        },
      }),
    );
    clusters.shift();
    clusters.push(
      localCluster('model-server', socketAddress('127.0.0.1', (upstream.address() as AddressInfo).port)),
    );
    if (times !== undefined)
      listeners[0].filter_chains[0].filters[0].typed_config.http_filters[1] = endingFilter(times);
    const envoy = await EnvoyProcess.start(bootstrap as JsonValue, 2);
    await envoy.port('http-10080');
    return new PodEnvoy(envoy, readiness, port);
  }

  /** Seconds until it says that nothing is left. */
  async ends(): Promise<number> {
    const began = performance.now();
    const response = await fetch(`http://127.0.0.1:${this.readiness}${path}`);
    assert.equal(response.status, 200);
    return (performance.now() - began) / 1000;
  }

  /** An answer that has begun. */
  async stream(): Promise<{ readonly text: Promise<string>; readonly server: ServerResponse }> {
    const path = `/${this.gateway}`;
    const asked = request({ host: '127.0.0.1', port: this.gateway, path, agent: this.#agent });
    const [response] = (await once(asked.end(), 'response')) as [IncomingMessage];
    const text = response
      .setEncoding('utf8')
      .toArray()
      .then(parts => parts.join(''));
    return { text, server: answers.get(path) as ServerResponse };
  }

  /** How often it has looked at what is left. */
  async looks(): Promise<number> {
    return await this.envoy.stat('http.ending.downstream_rq_total');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
    await this.envoy.stop();
  }
}

describe('with a real Envoy', { concurrency: true }, () => {
  test('a Pod that nobody uses ends when its least time is over', async () => {
    // What is counted besides says nothing of connections.
    const metrics = { matches: [{ type: 'Prefix' as const, value: 'cluster.' }] };
    const times = { minDrainDuration: '2s', drainTimeout: '100s' };
    await using pod = await PodEnvoy.start({ shutdown: times, telemetry: { metrics } });
    const seconds = await pod.ends();
    assert.ok(seconds >= 2 && seconds < PATIENCE_SECONDS, `${seconds}`);
  });

  test('connections without a request are waited for until the drain is over, and no longer', async () => {
    await using pod = await PodEnvoy.start({ shutdown });
    const kept = await pod.stream();
    kept.server.end('two');
    assert.equal(await kept.text, 'one two');
    const seconds = await pod.ends();
    assert.equal(await pod.envoy.stat('http.http-10080.downstream_cx_active'), 1);
    assert.ok(seconds >= 3 && seconds < PATIENCE_SECONDS, `${seconds}`);
  });

  test('a stream is waited for beyond the drain; when it is over the Pod ends', async () => {
    await using pod = await PodEnvoy.start({ shutdown });
    const stream = await pod.stream();
    let seconds: number | undefined;
    const ended = pod.ends().then(it => {
      seconds = it;
    });
    await until(
      'it has looked once a second, longer than its drain is and than a request may take to come',
      async () => (await pod.looks()) >= 12,
    );
    assert.equal(seconds, undefined);
    stream.server.end('two');
    assert.equal(await stream.text, 'one two');
    await ended;
    assert.ok(seconds! > 11 && seconds! < PATIENCE_SECONDS, `${seconds}`);
  });

  test('what never ends is waited for until the longest time is over; so is all when Envoy does not count', async () => {
    const times = { minimumMs: 0, idleMs: 0, longestSeconds: 3, graceSeconds: 8 };
    const uncounted = {
      type: 'Merge' as const,
      value: 'stats_config: { stats_matcher: { reject_all: true } }',
    };
    await using pod = await PodEnvoy.start({ shutdown }, times);
    await using blind = await PodEnvoy.start({ bootstrap: uncounted }, times);
    const stream = await pod.stream();
    for (const seconds of await Promise.all([pod.ends(), blind.ends()]))
      assert.ok(seconds >= 2.9 && seconds < PATIENCE_SECONDS, `${seconds}`);
    stream.server.end();
    await stream.text;
  });

  test('who does not know the path is told at once that there is nothing, and a request that never comes to its end is ended', async () => {
    await using pod = await PodEnvoy.start({ shutdown });
    for (const other of ['/ending', '/ending/', `${path}0`, '/'])
      assert.equal((await fetch(`http://127.0.0.1:${pod.readiness}${other}`)).status, 404);
    assert.equal((await fetch(`http://127.0.0.1:${pod.readiness}/ready`)).status, 200);
    const slow = connect(pod.readiness, '127.0.0.1');
    slow.write('GET /ready HTTP/1.1\r\nhost: a\r\n');
    const [answer] = await once(slow, 'data');
    assert.match(String(answer), /^HTTP\/1\.1 408 /);
    slow.destroy();
  });
});

test('a bootstrap of its own that leaves out what answers, or moves the admin interface, makes the Pod sleep instead', () => {
  const answers = (bootstrap: ProxySpec['bootstrap']) => {
    const spec = { shutdown, bootstrap };
    return answersEnding(bootstrapYaml(XDS, spec), XDS, spec);
  };
  assert.equal(answers(undefined), true);
  assert.equal(answers({ type: 'Merge', value: 'stats_flush_interval: 1s' }), true);
  const replace = (path: string, value: unknown) => ({ op: 'replace' as const, path, value });
  assert.equal(
    answers({
      type: 'JSONPatch',
      jsonPatches: [replace('/admin/address/socket_address/port_value', 1) as never],
    }),
    false,
  );
  const without = parse(bootstrapYaml(XDS, {}));
  without.static_resources.listeners.pop();
  assert.equal(answers({ type: 'Replace', value: JSON.stringify(without) }), false);
});

test('the times are those of Envoy Gateway unless the EnvoyProxy has its own', () => {
  assert.deepEqual(drainTimes({}), {
    minimumMs: 10_000,
    idleMs: 60_000,
    longestSeconds: 355,
    graceSeconds: 360,
  });
  assert.deepEqual(drainTimes({ shutdown: { drainTimeout: '0s', minDrainDuration: '500ms' } }), {
    minimumMs: 500,
    idleMs: 500,
    longestSeconds: 296,
    graceSeconds: 301,
  });
});
