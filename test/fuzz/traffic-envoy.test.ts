import { test } from 'node:test';
import { EnvoyPlane } from '../../src/envoy/envoy-plane.ts';
import { Ports } from '../../src/proxy/plane/listening-ports.ts';
import { useGateway } from '../proxy/support/gateway.ts';
import { envoyPath } from '../support/envoy.ts';
import { seedOfTheDay } from './support/seed.ts';
import { storm } from './support/storm.ts';

const gateway = useGateway({
  plane: async onEvent => {
    const ports = new Ports({ address: '127.0.0.1', portOffset: 0 });
    return EnvoyPlane.start({
      envoyPath: await envoyPath(),
      concurrency: 2,
      findPorts: (servers, current) => ports.find(servers, current),
      onEvent,
      onLog: () => {},
    });
  },
});

test('on Envoy, mutated requests and answers at once: nobody gets the answer of another, counters end at zero', t =>
  storm(t, gateway, { requests: 2000, seed: seedOfTheDay(t) }));
