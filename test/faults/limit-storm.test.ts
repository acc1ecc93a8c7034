import { after, test } from 'node:test';
import { Workplace } from '../e2e/cli-process.ts';
import { limitStorm } from './support/limit-storm.ts';

const place = new Workplace();
after(() => place.close());

/** `STORMS=10` looks for what one storm in many shows. */
const STORMS = Number(process.env['STORMS'] ?? 1);
const CLIENTS = Number(process.env['STORM_CLIENTS'] ?? 4000);

for (let storm = 1; storm <= STORMS; storm++)
  test(`storm ${storm} on the embedded plane: a pool's limit holds for clients that leave at every stage`, t =>
    limitStorm(t, place, {
      name: `embedded-${storm}`,
      args: ['--workers', '2'],
      clients: CLIENTS,
      seed: storm,
      net: '127.88.21',
    }));
