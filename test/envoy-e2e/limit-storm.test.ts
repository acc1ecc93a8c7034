import { after, test } from 'node:test';
import { Workplace } from '../e2e/cli-process.ts';
import { limitStorm } from '../faults/support/limit-storm.ts';
import { envoyPath } from '../support/envoy.ts';

const place = new Workplace();
after(() => place.close());

/** `STORMS=10` looks for what one storm in many shows. */
const STORMS = Number(process.env['STORMS'] ?? 1);
const CLIENTS = Number(process.env['STORM_CLIENTS'] ?? 4000);

for (let storm = 1; storm <= STORMS; storm++)
  test(`storm ${storm} on Envoy: a pool's limit holds for clients that leave at every stage`, async t =>
    limitStorm(t, place, {
      name: `envoy-${storm}`,
      args: ['--plane', 'envoy', '--envoy-path', await envoyPath(), '--concurrency', '2'],
      clients: CLIENTS,
      seed: storm,
      net: '127.88.22',
    }));
