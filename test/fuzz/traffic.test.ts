import { test } from 'node:test';
import { useGateway } from '../proxy/support/gateway.ts';
import { seedOfTheDay } from './support/seed.ts';
import { storm } from './support/storm.ts';

const gateway = useGateway({
  workers: 2,
  bounds: { headTimeoutMs: 500, bodyIdleTimeoutMs: 500, idleTimeoutMs: 500, streamIdleTimeoutMs: 2000 },
});

test('mutated requests and answers at once: no worker ends, nobody gets the answer of another, counters end at zero', t =>
  storm(t, gateway, { requests: 4000, seed: seedOfTheDay(t) }));
