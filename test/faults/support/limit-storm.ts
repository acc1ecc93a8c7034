import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { seededRandom } from '../../../src/kernel/index.ts';
import type { Workplace } from '../../e2e/cli-process.ts';
import { poolManifest } from '../../e2e/support/pool-manifest.ts';
import { assertAtRest } from './at-rest.ts';
import { PoolOfStreams } from './pool-of-streams.ts';
import { Manifests, type Running, running } from './running.ts';
import { stormClient } from './storm-client.ts';

export interface LimitStormOptions {
  readonly name: string;
  readonly args: readonly string[];
  readonly clients: number;
  readonly seed: number;
  /** First three parts of the servers' addresses. */
  readonly net: string;
}

/** Of the pool, over all its routes. */
const LIMIT = 3;
const AT_ONCE = 60;
const SERVERS = 4;
const EDIT_EVERY_MS = 150;

/**
 * Clients that leave at every stage by FIN and reset, endpoints that come and go, limits that are applied anew: model servers never
 * have more at work than the pool's limit, and at rest nothing is held.
 */
export async function limitStorm(
  t: TestContext,
  place: Workplace,
  options: LimitStormOptions,
): Promise<void> {
  const random = seededRandom(options.seed);
  const pool = new PoolOfStreams(random);
  const addresses = Array.from({ length: SERVERS }, (_, i) => `${options.net}.${i + 1}`);
  for (const address of addresses) await pool.listen(address);
  const files = new Manifests(join(place.folder, options.name));
  const write = (edit: number) => {
    const some = addresses.filter((_, i) => i === edit % SERVERS || random() < 0.6);
    const servers = some.map(address => ({ address, port: pool.port }));
    const ofPool = {
      apiVersion: 'gateway.envoyproxy.io/v1alpha1',
      kind: 'BackendTrafficPolicy',
      metadata: { name: 'pool-limit' },
      spec: {
        targetRefs: [{ group: 'inference.networking.k8s.io', kind: 'InferencePool', name: 'pool' }],
        circuitBreaker: { maxParallelRequests: LIMIT },
      },
    };
    const text = poolManifest(servers, {
      maxParallelRequests: 3 + (edit % 5),
      maxPendingRequests: 50 + edit,
    });
    files.replace('pool.yaml', `${text}\n---\n${JSON.stringify(ofPool)}`);
  };
  write(0);
  let up: Running | undefined;
  try {
    up = await running(place, ['-f', files.path, ...options.args]);
    const [host = '', port] = up.gateway.split(':');
    const tally: Record<string, number> = {};
    let started = 0;
    let edits = 0;
    const editing = setInterval(() => write(++edits), EDIT_EVERY_MS);
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        while (started++ < options.clients) {
          const status = (await stormClient(host, Number(port), random)) ?? 'none';
          tally[status] = (tally[status] ?? 0) + 1;
        }
      }),
    );
    clearInterval(editing);
    t.diagnostic(
      `${options.name}, seed ${options.seed}: ${JSON.stringify(tally)}; ${edits} edits, ${pool.served} served, at most ${pool.most} at once`,
    );
    assert.ok(pool.served > options.clients / 200, `only ${pool.served} served`);
    await assertAtRest(up.admin);
    assert.equal(pool.now, 0);
    assert.ok(pool.most <= LIMIT, `${pool.most} at once under a limit of ${LIMIT}: ${pool.atMost}`);
  } finally {
    await up?.up.kill();
    await pool.close();
  }
}
