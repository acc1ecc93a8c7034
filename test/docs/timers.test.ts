import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const SRC = fileURLToPath(new URL('../../src/', import.meta.url));

/** A timer of Node's own: what its callback throws is nobody's, and a duration that it cannot hold fires at once. */
const BARE = /(?<![.\w])set(?:Timeout|Interval)\(/g;
/** Durations of manifests reach it only through timerMs (src/kernel/timer.ts). */
const SIGNAL = /\bAbortSignal\.timeout\((?!timerMs\()/g;
/** These run nothing of ours. */
const SETTLES = /new Promise(?:<void>)?\(resolve => setTimeout\(resolve, \w+\)\)/g;

/**
 * Files that have such a timer, how many, and why that ends nothing. What is not here uses src/kernel/: RepeatedTask, `guarded`
 * with startTimer, startTimerFor, startIntervalFor.
 */
const KNOWN: Readonly<Record<string, readonly [number, string]>> = {
  'control/runtime.ts': [2, 'a cycle: catches, tells and is tried again with back-off'],
  'control/watch-overflows.ts': [1, 'catches'],
  'cluster/api-server/api-server.ts': [3, 'aborts a request of ours; constant times'],
  'cluster/certificates/store.ts': [1, 'catches, tells and is tried again'],
  'cluster/events/event-writer.ts': [1, 'catches and tells'],
  'cluster/permits/fences.ts': [1, 'settles a promise'],
  'cluster/source/cluster-source.ts': [1, 'listeners catch for themselves'],
  'cluster/handoff/handoff-publisher.ts': [2, 'settles a promise'],
  'cluster/handoff/handoff-reader.ts': [1, 'the look catches, tells and is done again'],
  'envoy/ext-proc/bad-input-log.ts': [1, 'tells a log'],
  'envoy/ext-proc/server.ts': [2, 'settles a promise; polls while it drains'],
  'envoy/grpc-listener.ts': [1, 'destroys a socket'],
  'envoy/grpc/connection.ts': [3, 'pings, and destroys a socket'],
  'envoy/process/admin.ts': [1, 'a constant time'],
  'envoy/process/envoy-process.ts': [1, 'signals a process, and catches'],
  'envoy/process/settled.ts': [2, 'settle a promise'],
  'local/replica-set.ts': [2, 'model servers of this machine: asks a thread to stop, asks for another cycle'],
  'endpoints/scrape/scraper.ts': [1, 'each endpoint catches for itself, and is asked later'],
  'proxy/http1/client/end-gently.ts': [1, 'destroys a socket'],
  'proxy/plane.ts': [1, 'settles a promise'],
  'proxy/plane/worker-group.ts': [1, 'starts a worker anew'],
  'proxy/http1/upstream/connection.ts': [1, 'destroys a socket'],
  'proxy/worker/connection-handoff.ts': [1, 'destroys a socket'],
  'proxy/worker/servers.ts': [1, 'catches for the connection'],
  'simulator/engine/engine-loop.ts': [1, 'the clock of simulated model servers'],
  'simulator/simulator.ts': [2, 'a simulated model server'],
  'source/file-source.ts': [2, 'catches, tells and is tried again'],
};

test('a background task has a guard: every bare timer outside of the kernel is known, with what keeps it from ending anything', () => {
  const found: Record<string, number> = {};
  for (const file of readdirSync(SRC, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || /(?:\.test|-for-test)\.ts$/.test(file) || file.startsWith('kernel/'))
      continue;
    const text = readFileSync(join(SRC, file), 'utf8').replaceAll(SETTLES, '');
    const count = [...text.matchAll(BARE), ...text.matchAll(SIGNAL)].length;
    if (count > 0) found[file] = count;
  }
  const known = Object.fromEntries(Object.entries(KNOWN).map(([file, [count]]) => [file, count]));
  assert.deepEqual(found, known, 'use RepeatedTask, or guarded() with startTimer (src/kernel/)');
});
