import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const SRC = fileURLToPath(new URL('../../src/', import.meta.url));
const ROOMS = [
  'proxy',
  'envoy/ext-proc',
  'envoy/access-log',
  'envoy/grpc',
  'envoy/xds',
  'request/external-picker',
  'wire',
];

/** Where Node calls us: an event, a timer, a promise that nobody awaits. */
const ENTRY =
  /\.(?:on|once)\(\s*'|\bset(?:Timeout|Interval|Immediate)\(|\bqueueMicrotask\(|\bcallback: |\bstartTimer\(/g;

/**
 * How many such places each file has, and what keeps what they throw from the process. Guarded by their form, and not counted:
 * startTimerFor, startIntervalFor, runSoonFor (src/kernel/payer.ts).
 */
const GUARDED: Readonly<Record<string, readonly [number, string]>> = {
  'envoy/ext-proc/bad-input-log.ts': [1, 'tells a log'],
  'envoy/ext-proc/relay.ts': [1, 'catches for its request'],
  'envoy/ext-proc/ext-proc-server.ts': [1, 'drain'],
  'proxy/http1/client/client-socket.ts': [5, 'it is the guard'],
  'proxy/http1/client/end-gently.ts': [2, 'nothing of ours'],
  'proxy/names/resolved-names.ts': [2, 'settles a promise; the look-up catches and is tried again'],
  'proxy/names/plan-names.ts': [1, 'its listener is guarded, by the fleet that listens'],
  'proxy/embedded-plane.ts': [2, 'the main thread, between requests'],
  'proxy/plane/bind.ts': [1, 'settles a promise'],
  'proxy/plane/worker-group.ts': [1, 'the main thread, after the death of a worker'],
  'proxy/plane/worker-thread.ts': [3, 'the main thread: settles promises, tells a log'],
  'proxy/http1/upstream/upstream-connection.ts': [9, 'catches for user or owner, or nothing of ours'],
  'proxy/http1/upstream/upstream-tunnel.ts': [1, 'runFor'],
  'proxy/worker/connection-handoff.ts': [6, 'sockets that are passed on as they are: nothing of ours'],
  'proxy/worker/worker-main.ts': [2, 'told as a fault'],
  'proxy/worker/servers.ts': [4, 'catches for the connection, or nothing of ours'],
  'wire/grpc/node-http2-client.ts': [5, 'runFor, or nothing of ours'],
  'wire/grpc/node-http2-server.ts': [7, 'tells users who catch by themselves (transport.ts)'],
  'wire/grpc/node-http2-stream.ts': [10, 'tells users who catch by themselves (transport.ts)'],
};

function filesOf(room: string): string[] {
  return readdirSync(join(SRC, room), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts') && !/(?:\.test|-for-test)\.ts$/.test(file))
    .map(file => join(room, file));
}

test('every place where Node calls what serves requests is known, with its guard', () => {
  const found: Record<string, number> = {};
  for (const file of ROOMS.flatMap(filesOf)) {
    const count = [...readFileSync(join(SRC, file), 'utf8').matchAll(ENTRY)].length;
    if (count > 0) found[file] = count;
  }
  const known = Object.fromEntries(Object.entries(GUARDED).map(([file, [count]]) => [file, count]));
  assert.deepEqual(found, known, 'a new place needs a guard (src/kernel/payer.ts), then its number here');
});
