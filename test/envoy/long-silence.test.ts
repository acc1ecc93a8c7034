import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onePicker } from '../../src/envoy/resources/picker-places.ts';
import { planMessages } from '../../src/envoy/resources/plan-messages.ts';
import { DEFAULT_PROXY_LIMITS } from '../../src/proxy/defaults.ts';
import { type Manifests, plainRoute, poolRoute } from '../proxy/support/manifests.ts';
import type { Upstream } from '../proxy/support/upstream.ts';
import { planOf } from '../support/plan-of.ts';
import { messagesJson } from '../support/static-envoy.ts';

/** A model may think, and say nothing, for so long. */
const THOUGHT_S = 320;
const NONE = Number.POSITIVE_INFINITY;

/** In seconds, what ends a request in which nothing comes: of a silence, and of all of it. */
interface Limits {
  readonly silence: number;
  readonly whole: number;
}

function limitsOf(manifests: Manifests): Readonly<Record<'embedded' | 'envoy', Limits>> {
  const plan = planOf(manifests(8080, [{ address: '127.0.0.1', port: 8000 } as Upstream]));
  const server = plan.servers[0]!;
  const { timeouts } = server.listeners[0]!.virtualHosts[0]!.routes[0]!;
  const { streamIdleMs = DEFAULT_PROXY_LIMITS.streamIdleTimeoutMs, requestMs = 0 } = timeouts;
  const bindings = new Map([[server.name, { address: '127.0.0.1', port: 8080 }]]);
  const pickers = onePicker({ address: '127.0.0.1', port: 9002 });
  const json = messagesJson(planMessages(plan, { bindings, pickers }));
  const [usual] = valuesOf(json, 'streamIdleTimeout');
  const [action] = valuesOf(json, 'route').filter(route => 'weightedClusters' in (route as object));
  const { idleTimeout = usual, timeout } = action as { idleTimeout?: string; timeout: string };
  return {
    embedded: { silence: limit(streamIdleMs / 1000), whole: limit(requestMs / 1000) },
    envoy: {
      silence: limit(Number.parseFloat(String(idleTimeout))),
      whole: limit(Number.parseFloat(timeout)),
    },
  };
}

/** 0 is none, to both. */
function limit(seconds: number): number {
  assert.ok(seconds >= 0, `${seconds} s`);
  return seconds === 0 ? NONE : seconds;
}

/** What stands under that name, wherever. */
function valuesOf(json: unknown, name: string): unknown[] {
  if (typeof json !== 'object' || json === null) return [];
  return Object.entries(json).flatMap(([key, value]) =>
    key === name && value !== undefined ? [value] : valuesOf(value, name),
  );
}

for (const [what, route] of [
  ['Backend', plainRoute],
  ['pool', poolRoute],
] as const) {
  test(`${what}: by default neither plane ends a request of a model that is silent for ${THOUGHT_S} s`, () => {
    const { embedded, envoy } = limitsOf(route());
    for (const { silence, whole } of [embedded, envoy])
      assert.ok(Math.min(silence, whole) > THOUGHT_S, `${silence} s, ${whole} s`);
    assert.deepEqual(envoy, embedded);
    assert.deepEqual(envoy, { silence: 3600, whole: NONE });
  });

  for (const [request, silence, whole] of [
    ['10m', 3600, 600],
    ['1h', 3600, 3600],
    ['2h', 7200, 7200],
    ['100h', 360_000, 360_000],
    ['0s', NONE, NONE],
  ] as const)
    test(`${what}: a request that may take ${request} may be silent for ${silence === NONE ? 'ever' : `${silence} s`}, said by the route or a policy`, () => {
      const expected = { embedded: { silence, whole }, envoy: { silence, whole } };
      assert.deepEqual(limitsOf(route({ rule: `timeouts: { request: ${request} }` })), expected);
      const policy = `timeout: { http: { requestTimeout: ${request} } }`;
      assert.deepEqual(limitsOf(route({ policy })), expected);
    });

  test(`${what}: what a policy says of silence goes before the time of the request`, () => {
    const policy = 'timeout: { http: { requestTimeout: 2h, streamIdleTimeout: 5m } }';
    const expected = { silence: 300, whole: 7200 };
    assert.deepEqual(limitsOf(route({ policy })), { embedded: expected, envoy: expected });
  });
}
