import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Up, Workplace } from '../e2e/cli-process.ts';
import { type Scene, type TestGateway, useGateway } from '../proxy/support/gateway.ts';
import { field } from '../proxy/support/message.ts';
import { answer, type Script } from '../proxy/support/upstream.ts';
import type { Wire } from '../proxy/support/wire.ts';
import { freePort } from '../support/free-port.ts';
import { peerTakes } from '../support/peer-takes.ts';
import { until } from '../support/until.ts';
import { BODY, post } from './support/contract.ts';
import { startEnvoyPlane } from './support/envoy-plane.ts';
import { pickedPool } from './support/manifests.ts';

/** `breakwater picker` as the external picker of pools on both planes, killed while requests come and are in flight. */
const place = new Workplace();
after(() => place.close());

const PLANES: Readonly<Record<string, TestGateway>> = {
  embedded: useGateway({ bounds: { pickTimeoutMs: 1000 }, workers: 2 }),
  envoy: useGateway({ plane: startEnvoyPlane }),
};
const IN_FLIGHT = 20;
const CLIENTS = 4;
/** That none of them meets one of two workers has a chance of 2^-29. */
const ENOUGH_FOR_ALL = 30;
/** After the picker is back it is asked again within this. */
const RECOVERED_WITHIN_MS = 2000;
const PLACED = 'breakwater_external_picks_total{result="placed"}';

async function startPicker(port: number, file: string): Promise<Up> {
  const { output } = place.start([
    ...['picker', '--pool', 'default/pool', '-f', file, '--address', '127.0.0.1'],
    ...['--grpc-port', String(port), '--grpc-health-port', '0', '--metrics-port', '0'],
  ]);
  await output.until(/Ctrl-C ends it/);
  return output;
}

/** Answers begun before the picker is killed. */
async function begin({ connect }: Scene): Promise<Wire[]> {
  return Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      const wire = await connect();
      wire.write(post(BODY, 'x-slow: 1'));
      await wire.readUntil('\r\n\r\nab');
      return wire;
    }),
  );
}

const PACE_MS = 20;

/** Clients that ask one after the other until they are stopped. @returns how often each status came */
function load({ send }: Scene) {
  const statuses = new Map<number, number>();
  let stopped = false;
  const clients = Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      while (!stopped) {
        const { status } = await send(post(BODY));
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        // A few hundred requests a second: refused ones come back so fast that sockets would run out.
        await peerTakes(PACE_MS);
      }
    }),
  );
  const count = (status: number) => statuses.get(status) ?? 0;
  const stop = async () => {
    stopped = true;
    await clients;
    return [...statuses.keys()].sort();
  };
  return { count, stop };
}

for (const [name, gateway] of Object.entries(PLANES))
  for (const failureMode of ['FailOpen', 'FailClose'] as const)
    test(`kill -9 of an external picker, ${failureMode} on the ${name} plane`, {
      timeout: 60_000,
    }, async () => {
      const port = await freePort();
      const release = Promise.withResolvers<void>();
      const script: Script = async ({ wire, head, body }) => {
        await body();
        if (field(head, 'x-slow') === undefined) return void wire.write(answer('ok'));
        wire.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nab');
        await release.promise;
        wire.write('cd');
      };
      const manifests = pickedPool({ port: () => port, failureMode });
      const file = join(place.folder, `${name}-${failureMode}.yaml`);
      let picker: Up | undefined;
      await gateway.serveMany(
        [script, script],
        async scene => {
          writeFileSync(file, manifests(scene.port, scene.upstreams));
          picker = await startPicker(port, file);
          const isAsked = async () => {
            const before = await gateway.metric(PLACED);
            const { status } = await scene.send(post(BODY));
            return (status === 200 && (await gateway.metric(PLACED)) > before) || undefined;
          };
          // Each worker has a connection of its own to the picker; which one a client gets is chance.
          await until('the picker is asked by every worker', async () => {
            for (let i = 0; i < ENOUGH_FOR_ALL; i++) if ((await isAsked()) !== true) return undefined;
            return true;
          });
          const waiting = await begin(scene);
          const clients = load(scene);
          await until('the clients are served', () => clients.count(200) > 50 || undefined);

          await picker.kill();
          const wanted = failureMode === 'FailOpen' ? 200 : 503;
          const before = clients.count(wanted);
          await until('requests go on without it', () => clients.count(wanted) > before + 100 || undefined);

          picker = await startPicker(port, file);
          const backAt = performance.now();
          await until('the picker is asked again', isAsked);
          assert.ok(performance.now() - backAt < RECOVERED_WITHIN_MS);
          const statuses = await clients.stop();
          assert.deepEqual(statuses, failureMode === 'FailOpen' ? [200] : [200, 503]);
          release.resolve();
          // What was in flight at the kill ends whole.
          for (const wire of waiting) await wire.readUntil('cd');
          await picker.kill();
        },
        manifests,
      );
    });
