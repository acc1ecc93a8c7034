import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import type { Resolved } from '../../src/proxy/names/lookup.ts';
import { notOwn } from '../../src/proxy/names/not-own.ts';
import { PlanNames } from '../../src/proxy/names/plan-names.ts';
import { answer, Upstream } from '../proxy/support/upstream.ts';
import { freePort } from '../support/free-port.ts';
import { planOf } from '../support/plan-of.ts';
import { CLASS, FleetScene, gateway, prefix } from './support/fleet-scene.ts';

/** An address of this machine that is not the loopback interface's: in a cluster it would be another Pod's. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap(each => each ?? []);
  const found = all.find(({ internal, family }) => !internal && family === 'IPv4');
  assert.ok(found, 'this machine has no network but the loopback interface');
  return found.address;
}

test('a name of a tenant that leads to the loopback interface reaches nobody, on a real Envoy; what else it leads to is asked, and followed', async () => {
  const zone = new Map<string, Resolved>();
  const events: string[] = [];
  const names = new PlanNames({
    lookUp: notOwn(
      async name => zone.get(name) ?? { addresses: [] },
      message => events.push(message),
      () => undefined,
    ),
    onEvent: message => events.push(message),
  });
  const by = (name: string) => Upstream.start(({ wire }) => void wire.write(answer(name)), '0.0.0.0');
  const [admin, server] = [await by('admin'), await by('server')];
  await using scene = await FleetScene.start({ names });
  try {
    const port = await freePort();
    const manifests = (backend: number) =>
      CLASS +
      gateway('one', port, backend, prefix('/a')).replace(
        `ip: { address: 127.0.0.1, port: ${backend} }`,
        `fqdn: { hostname: rebound.example, port: ${backend} }`,
      );
    zone.set('rebound.example', { addresses: ['127.0.0.1', '169.254.169.254', '0.0.0.0'], ttlMs: 1 });
    await scene.fleet.apply(planOf(manifests(admin.port)));
    const envoy = await scene.envoy('default/one');
    await envoy.port('default/one/http');
    await scene.serves(port, '/a', '503 no healthy upstream');
    assert.match(
      events.join(),
      /rebound\.example resolves to 127\.0\.0\.1, 169\.254\.169\.254, 0\.0\.0\.0, which may be the gateway itself/,
    );

    zone.set('rebound.example', { addresses: [ownAddress(), '127.0.0.1'], ttlMs: 1 });
    await scene.serves(port, '/a', '200 admin');
    // Another plan, with the same name.
    await scene.fleet.apply(planOf(manifests(server.port)));
    await scene.serves(port, '/a', '200 server');
    zone.set('rebound.example', { addresses: ['127.0.0.1'], ttlMs: 1 });
    await scene.serves(port, '/a', '503 no healthy upstream');
  } finally {
    await Promise.all([admin.close(), server.close()]);
  }
});
