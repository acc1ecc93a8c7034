import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { buildResourceSet } from '../../src/api/index.ts';
import { PLUGIN_CATALOG } from '../../src/picker/index.ts';
import { EmbeddedPlane } from '../../src/proxy/embedded-plane.ts';
import { parseManifest } from '../../src/source/manifest.ts';
import { translate } from '../../src/translate/index.ts';
import { readResponse } from '../proxy/support/message.ts';
import { answer, Upstream } from '../proxy/support/upstream.ts';
import { Wire } from '../proxy/support/wire.ts';
import { freePort } from '../support/free-port.ts';
import { Chance } from './support/chance.ts';
import { mutateBytes } from './support/mutate-bytes.ts';
import { mutateObject } from './support/mutate-object.ts';
import { seedOfTheDay } from './support/seed.ts';
import { steady, tenant } from './support/tenants.ts';

const ROUNDS = 250;
/** One in so many has its text changed, not its values. */
const TEXT_SHARE = 0.15;

test("whatever a tenant writes, another's route is served, and no worker ends", async t => {
  const chance = new Chance(seedOfTheDay(t));
  const upstream = await Upstream.start(({ wire }) => void wire.write(answer('ok')));
  const port = await freePort();
  const events: string[] = [];
  const plane = await EmbeddedPlane.start({
    address: '127.0.0.1',
    portOffset: 0,
    workers: 1,
    onEvent: (message, severity) => events.push(`${severity}: ${message}`),
  });
  let served = 0;
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const theirs = tenant(upstream).map(object => (chance.of(0.5) ? mutateObject(object, chance) : object));
      const written = theirs.map(object => stringify(object)).join('---\n');
      const text = chance.of(TEXT_SHARE) ? mutateBytes(written, chance) : written;
      const entries = [
        ...parseManifest('steady.yaml', steady(port, upstream)).entries,
        ...parseManifest('tenant.yaml', text).entries,
      ];
      const { plan } = translate(buildResourceSet(entries), {
        controllerNames: ['gateway.envoyproxy.io/gatewayclass-controller'],
        plane: 'embedded',
        plugins: PLUGIN_CATALOG,
      });
      const report = await plane.apply(plan);
      assert.equal(report.error, undefined, text);
      if (report.servers.some(({ bound }) => bound?.port === port)) served++;
      assert.equal(await ask(port, 'steady.test', '/'), 200, text);
      // What it gives is theirs to know; that it gives something is not.
      for (const path of ['/v1/a?q=a', '/b/c', '/old', '/pool'])
        assert.ok((await ask(port, 'a.theirs.test', path)) >= 200, text);
    }
    assert.equal(served, ROUNDS);
    assert.deepEqual(
      events.filter(event => event.includes('died')),
      [],
    );
  } finally {
    await plane.close();
    await upstream.close();
  }
});

async function ask(port: number, host: string, path: string): Promise<number> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  const wire = new Wire(socket);
  wire.write(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
  try {
    return (await readResponse(wire)).status;
  } finally {
    wire.destroy();
  }
}
