import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EnvoyPlane } from '../../src/envoy/envoy-plane.ts';
import { onePicker } from '../../src/envoy/resources/picker-places.ts';
import { planMessages } from '../../src/envoy/resources/plan-messages.ts';
import { Ports } from '../../src/proxy/plane/listening-ports.ts';
import { type GatewayOptions, TestGateway } from '../proxy/support/gateway.ts';
import { json, modelRoutes, withBackend } from '../proxy/support/model-routes.ts';
import { answer, type Script, Upstream } from '../proxy/support/upstream.ts';
import { envoyPath } from '../support/envoy.ts';
import { EnvoyProcess } from '../support/envoy-process.ts';
import { freePort } from '../support/free-port.ts';
import { planOf } from '../support/plan-of.ts';
import { staticBootstrap } from '../support/static-envoy.ts';

const named =
  (name: string): Script =>
  async request => {
    await request.body();
    request.wire.write(answer(name));
  };
const startEnvoy: NonNullable<GatewayOptions['plane']> = async onEvent => {
  const ports = new Ports({ address: '127.0.0.1', portOffset: 0 });
  return EnvoyPlane.start({
    envoyPath: await envoyPath(),
    concurrency: 2,
    findPorts: (servers, current) => ports.find(servers, current),
    onEvent,
    onLog: () => {},
  });
};
const OTHERS = `  - matches: [{ path: { value: / } }]
    backendRefs: [{ group: gateway.envoyproxy.io, kind: Backend, name: others }]`;

test('requests without a route, or to a Backend, are not taken to the picker where other routes ask for the model', async () => {
  const gateway = new TestGateway({ plane: startEnvoy });
  await gateway.start();
  try {
    await gateway.serveMany(
      [named('small'), named('large'), named('others')],
      async ({ send }) => {
        const many = await Promise.all(
          Array.from({ length: 200 }, async (_, i) => {
            const model = i % 2 === 0 ? 'small' : 'large';
            return (await send(json({ model: `org/${model}`, prompt: 'x'.repeat(i * 500) }))).body === model;
          }),
        );
        assert.ok(many.every(Boolean));
        for (let i = 0; i < 20; i++) {
          assert.equal((await send(json({ model: 'org/small' }))).body, 'small');
          assert.equal((await send(json({ model: 'org/large' }))).body, 'large');
          assert.equal((await send(json({ model: 'none' }))).body, 'others');
        }
        assert.equal(
          (await send(json({ model: 'org/small' }).replace('host: a', 'host: elsewhere.org'))).status,
          404,
        );
      },
      withBackend(modelRoutes({ rules: OTHERS, hostname: 'a' })),
    );
    assert.equal(await gateway.metric('breakwater_picker_bad_input_total'), 0);
    assert.equal(await gateway.metric('breakwater_picker_decisions_total{verdict="picked"}'), 240);
    assert.equal(await gateway.metric('breakwater_held_body_bytes'), Number.NaN);
    assert.equal(await gateway.metric('breakwater_picker_held_body_bytes'), 0);
    assert.deepEqual(
      gateway.events.filter(event => event.includes('ext_proc')),
      [],
    );
  } finally {
    await gateway.close();
  }
});

test('the question about the model is over before the request is sent on: what is in flight does not depend on it', async () => {
  const gateway = new TestGateway({ plane: startEnvoy });
  await gateway.start();
  try {
    await gateway.serveMany(
      [() => {}, () => {}, () => {}],
      async ({ connect, upstreams }) => {
        const streams = () => gateway.metric('breakwater_picker_streams');
        const toPool = await connect();
        toPool.write(json({ model: 'org/small' }));
        await upstreams[0]?.request(0);
        assert.equal(await streams(), 1, 'the stream that holds the permit');
        const without = await connect();
        without.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
        await upstreams[2]?.request(0);
        assert.equal(await streams(), 1, 'none for a request to a Backend');
      },
      withBackend(modelRoutes({ rules: OTHERS })),
    );
  } finally {
    await gateway.close();
  }
});

test('without its picker nobody knows the model: 503, and no route is guessed; a forged header helps nobody', async () => {
  const upstreams = await Promise.all(['small', 'large', 'others'].map(name => Upstream.start(named(name))));
  const [port, pickerPort] = [await freePort(), await freePort()];
  const plan = planOf(withBackend(modelRoutes({ rules: OTHERS }))(port, upstreams));
  const bindings = new Map(plan.servers.map(({ name }) => [name, { address: '127.0.0.1', port }]));
  const pickers = onePicker({ address: '127.0.0.1', port: pickerPort });
  const envoy = await EnvoyProcess.start(staticBootstrap(planMessages(plan, { bindings, pickers })));
  try {
    await envoy.port('default/gateway/main');
    const response = await fetch(`http://127.0.0.1:${port}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-gateway-model-name': 'org/large' },
      body: '{"model":"org/small"}',
    });
    assert.equal(response.status, 503);
    assert.deepEqual(
      upstreams.map(({ requests }) => requests.length),
      [0, 0, 0],
    );
  } finally {
    await envoy.stop();
    await Promise.all(upstreams.map(upstream => upstream.close()));
  }
});
