import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { seed, Workplace } from '../e2e/cli-process.ts';
import { poolManifest } from '../e2e/support/pool-manifest.ts';
import { BrokenServer } from './support/broken-server.ts';
import { Gateway } from './support/gateway.ts';
import { pythonMissing, pythonWithPackages, runUnittest } from './support/python.ts';
import { simulatedPool } from './support/simulated-pool.ts';

const place = new Workplace();
after(() => place.close());

const missing = pythonMissing();

test('the PyPI openai SDK, sync and async, unchanged but for base_url', { skip: missing }, async () => {
  const broken = new BrokenServer();
  const address = '127.84.0.2';
  const [, port] = await Promise.all([pythonWithPackages(), broken.listen(address)]);
  const gateways = {
    SEED: await Gateway.run(place, [seed]),
    OPEN: await Gateway.start(
      place,
      'open',
      simulatedPool({
        flags: ['--sim-decode-ms', '1', '--enable-lora', '--lora-modules', 'sql-lora=/adapters/sql'],
      }),
    ),
    NARROW: await Gateway.start(
      place,
      'narrow',
      simulatedPool({ flags: ['--sim-decode-ms', '10'], circuitBreaker: { maxParallelRequests: 1 } }),
    ),
    BROKEN: await Gateway.start(place, 'broken', poolManifest([{ address, port }]), ['--simulate', 'never']),
  };
  const env: NodeJS.ProcessEnv = {};
  for (const [name, gateway] of Object.entries(gateways)) {
    env[`${name}_BASE_URL`] = gateway.baseURL;
    env[`${name}_ADMIN`] = gateway.admin;
  }
  const { code, output } = await runUnittest('test_openai', env);
  await broken.close();
  assert.equal(code, 0, output);
  assert.match(output, /^Ran 18 tests in .*\n\nOK$/m);
});
