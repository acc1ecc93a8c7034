import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { withoutComments } from './without-comments.ts';

const SRC = fileURLToPath(new URL('../../src/', import.meta.url));

/** The time and the chance of the machine. `socket.setTimeout(0)` ends a timer. */
const OF_THE_MACHINE = [
  /\bDate\.now\b/g,
  /\bnew Date\(\)/g,
  /\bperformance\s*\.\s*(?:now|timeOrigin)\b/g,
  /\bprocess\.(?:hrtime|uptime)\b/g,
  /\bset(?:Timeout|Interval|Immediate)\((?!0\))/g,
  /\bAbortSignal\.timeout\b/g,
  /\bnode:(?:timers|perf_hooks)\b/g,
  /\bMath\.random\b/g,
  /\brandom(?:UUID|Bytes|Fill|FillSync|Int)\(/g,
  /\bgetRandomValues\b/g,
  /\bgenerateKeyPair(?:Sync)?\(/g,
];

/** Files that use it all the same, how often, and why. */
const EXCEPTIONS: Readonly<Record<string, readonly [number, string]>> = {
  'admin/state-file.ts': [1, 'a token: a secret'],
  'envoy/grpc/bearer.ts': [1, 'a token: a secret'],
  'tls/x509/issue-certificate.ts': [
    2,
    'a key, and a serial number that nobody may guess (RFC 5280 section 4.1.2.2)',
  ],
};

/** What is started here ends nothing when it throws, though nothing guards it: what is not here is `guarded`, or paid for. */
const BARE = /\bstart(?:Timer|Interval)\((?![^;]*\bguarded\()/g;
const UNGUARDED: Readonly<Record<string, readonly [number, string]>> = {
  'cluster/api-server/api-server.ts': [2, 'aborts a request of ours'],
  'cluster/certificates/store.ts': [1, 'catches, tells and is tried again'],
  'cluster/election/elector.ts': [1, 'a step of a pure machine; what it asks for catches'],
  'cluster/events/event-writer.ts': [1, 'catches and tells'],
  'cluster/handoff/handoff-publisher.ts': [1, 'settles a promise'],
  'cluster/handoff/handoff-reader.ts': [1, 'the look catches, tells and is done again'],
  'cluster/permits/fences.ts': [1, 'settles a promise'],
  'cluster/permits/peers.ts': [1, 'destroys a request'],
  'cluster/source/cluster-source.ts': [1, 'listeners catch for themselves'],
  'cluster/write/write-pump.ts': [2, 'each write catches and is tried again'],
  'control/runtime.ts': [2, 'a cycle: catches, tells and is tried again with back-off'],
  'control/watch-overflows.ts': [1, 'catches'],
  'endpoints/health-check/probe.ts': [1, 'destroys a socket, and settles a promise'],
  'endpoints/scrape/scraper.ts': [1, 'each endpoint catches for itself, and is asked later'],
  'envoy/ext-proc/bad-input-log.ts': [1, 'tells a log'],
  'envoy/ext-proc/ext-proc-server.ts': [2, 'settles a promise; polls while it drains'],
  'envoy/fleet/fleet.ts': [1, 'is guarded where it is made'],
  'envoy/fleet/gateways.ts': [1, 'is guarded where it is made'],
  'envoy/envoy-plane.ts': [1, 'is guarded where it is made'],
  'envoy/process/envoy-process.ts': [2, 'signals a process, and catches; a start that fails is told'],
  'envoy/process/settled.ts': [2, 'settle a promise'],
  'local/replica-set.ts': [2, 'model servers of this machine: asks a thread to stop, asks for another cycle'],
  'proxy/http1/client/end-gently.ts': [1, 'destroys a socket'],
  'proxy/names/resolved-names.ts': [2, 'settles a promise; the look-up catches and is tried again'],
  'proxy/names/plan-names.ts': [1, 'asks for another plan, which catches and tells'],
  'proxy/embedded-plane.ts': [2, 'settles a promise; asks for another plan, which catches and tells'],
  'proxy/plane/worker-group.ts': [1, 'starts a worker anew'],
  'proxy/http1/upstream/upstream-connection.ts': [2, 'destroys a socket, and says why'],
  'proxy/worker/connection-handoff.ts': [1, 'destroys a socket'],
  'proxy/worker/servers.ts': [1, 'catches for the connection'],
  'simulator/engine/engine-loop.ts': [1, 'the clock of simulated model servers'],
  'simulator/simulator.ts': [2, 'a simulated model server'],
  'source/file-source.ts': [2, 'catches, tells and is tried again'],
};

function* sources(): Iterable<readonly [string, string]> {
  for (const file of readdirSync(SRC, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || /(?:\.test|-for-test)\.ts$/.test(file)) continue;
    if (/^(?:kernel|cli|envoy\/gen)\//.test(file)) continue;
    yield [file, withoutComments(readFileSync(join(SRC, file), 'utf8'))];
  }
}

function uses(patterns: readonly RegExp[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [file, text] of sources()) {
    const count = patterns.reduce((sum, pattern) => sum + [...text.matchAll(pattern)].length, 0);
    if (count > 0) found[file] = count;
  }
  return found;
}

const counts = (known: Readonly<Record<string, readonly [number, string]>>) =>
  Object.fromEntries(Object.entries(known).map(([file, [count]]) => [file, count]));

test('below the command line, time and chance come from src/kernel/: a virtual clock runs all of it', () => {
  assert.deepEqual(
    uses(OF_THE_MACHINE),
    counts(EXCEPTIONS),
    'use monotonicMs, wallMs, startTimer, startInterval, sleep, nextTurn, timeoutSignal, random, newId (src/kernel/)',
  );
});

test('a background task has a guard: every timer without one is known, with what keeps it from ending anything', () => {
  assert.deepEqual(
    uses([BARE]),
    counts(UNGUARDED),
    'use RepeatedTask, startTimerFor, or guarded() with startTimer',
  );
});
