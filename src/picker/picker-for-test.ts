import type { EndpointFigures } from '../endpoints/index.ts';
import { ClusterBreaker, DEFAULT_BREAKER, EndpointTable, HealthTable } from '../endpoints/index.ts';
import { seededRandom } from '../kernel/index.ts';
import type { Pool } from '../plan/index.ts';
import type { PickRequest } from './pick-request.ts';
import type { PickResult } from './pick-result.ts';
import { Picker } from './picker.ts';
import { poolRows } from './pool-rows.ts';
import { PrefixTable } from './prefix-table.ts';

export const NOW = Date.UTC(2026, 0, 1);
const CALM: EndpointFigures = {
  running: 0,
  waiting: 0,
  kvCacheUsage: 0,
  modelName: 'base',
  runningAdapters: [],
  waitingAdapters: [],
  maxAdapters: 2,
};

function pool(count: number, change: Partial<Pool> = {}): Pool {
  return {
    name: 'default/pool',
    source: { kind: 'InferencePool', namespace: 'default', name: 'pool' },
    endpoints: Array.from({ length: count }, (_, i) => ({
      id: `127.0.0.${i + 1}:8000`,
      address: `127.0.0.${i + 1}`,
      port: 8000,
      labels: {},
      metricsPath: '/metrics',
    })),
    models: [],
    failureMode: 'FailClose',
    ...change,
  };
}

/** A picker over `count` endpoints in rows 0, 1, …. */
export function setUp(count: number, change: Partial<Pool> = {}, seed = 1, panicThresholdPercent?: number) {
  const endpoints = EndpointTable.create(1, count + 1);
  const health = HealthTable.create(count + 1);
  const picker = new Picker({
    endpoints,
    health,
    prefixes: PrefixTable.create(1 << 12),
    random: seededRandom(seed),
  });
  const rows = poolRows(
    pool(count, change),
    Int32Array.from({ length: count }, (_, i) => i),
    panicThresholdPercent,
  );
  const breaker = new ClusterBreaker(
    health,
    rows.slots,
    { ...DEFAULT_BREAKER, maxEjectionPercent: 100 },
    true,
  );
  const fail = (slot: number, times: number = DEFAULT_BREAKER.consecutiveLocalOriginFailures) => {
    for (let i = 0; i < times; i++) breaker.failed(slot, false, NOW);
  };
  const figures = (slot: number, some: Partial<EndpointFigures>, ageMs = 0) =>
    endpoints.setFigures(
      slot,
      { ...CALM, ...some },
      { inFlight: endpoints.inFlight(slot), atMs: NOW - ageMs },
      NOW - ageMs,
    );
  let last: PickResult | undefined;
  const result = (request: Partial<PickRequest> = {}, tried: number[] = [], nowMs = NOW, fallbacks = 0) => {
    const full = { model: 'base', criticality: 'Standard' as const, prompt: undefined, ...request };
    last = picker.pick(rows, full, tried, nowMs, fallbacks);
    if (last.index >= 0) breaker.sent(last.index, nowMs);
    return last;
  };
  const pick = (request: Partial<PickRequest> = {}, tried: number[] = [], nowMs = NOW) =>
    result(request, tried, nowMs).index;
  /** Picks, and has the request served. */
  const serve = (request: Partial<PickRequest> = {}) => {
    const { index, footprint } = result(request);
    picker.learn(index, footprint, NOW);
    return index;
  };
  const explain = ({ entry } = last as PickResult) => picker.log.read(entry);
  return { endpoints, health, breaker, fail, picker, figures, result, pick, serve, explain };
}
