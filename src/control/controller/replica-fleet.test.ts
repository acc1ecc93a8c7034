import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import type { ApiServer } from '../../cluster/api-server/index.ts';
import { BreakwaterError } from '../../kernel/breakwater-error.ts';
import { startFleet } from './replica-fleet.ts';

for (const flag of ['xdsPort', 'pickerPort'] as const)
  test(`a port that is taken is named: ${flag}`, async t => {
    const other = createServer();
    await once(other.listen(0, '127.0.0.1'), 'listening');
    t.after(() => other.close());
    const { port } = other.address() as { port: number };
    const options = {
      server: {} as ApiServer,
      pod: undefined,
      leaseNamespace: 'default',
      infoPort: 0,
      xdsPort: 0,
      pickerPort: 0,
      ownerOf: () => undefined,
      signal: AbortSignal.timeout(60_000),
    };
    await assert.rejects(
      startFleet({ ...options, [flag]: port }, () => {}),
      (error: unknown) =>
        error instanceof BreakwaterError &&
        error.code === 'BW_ADDRESS_IN_USE' &&
        error.message.startsWith(`127.0.0.1:${port}: `),
    );
  });
