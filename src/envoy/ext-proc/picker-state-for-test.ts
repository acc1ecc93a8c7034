import { DEFAULT_THRESHOLDS, type Model, type Plan, type Pool } from '../../plan/index.ts';
import type { ExtProcBounds } from './ext-proc-bounds.ts';
import { PickerState } from './picker-state.ts';

export const CLUSTER = 'httproute/default/llm/rule/0';
export const POOL = 'default/vllm';

export interface PlanOptions {
  /** `ADDRESS:PORT` */
  readonly endpoints?: readonly string[];
  /** Requests at once by the route. */
  readonly limit?: number;
  /** Requests at once over all routes. */
  readonly poolLimit?: number;
  readonly models?: readonly Model[];
  readonly objectives?: NonNullable<Pool['objectives']>;
  readonly plugins?: Pool['plugins'];
  readonly failureMode?: Pool['failureMode'];
}

/** A pool, one route to it, and its limits. */
export function planForTest(options: PlanOptions = {}): Plan {
  const { endpoints = ['127.0.0.1:1', '127.0.0.1:2'], limit = 1024, poolLimit } = options;
  const scope = (name: string, maxParallelRequests: number) => ({
    name,
    thresholds: { ...DEFAULT_THRESHOLDS, maxParallelRequests },
  });
  const poolScope = `inferencepool/${POOL}`;
  return {
    version: JSON.stringify(options),
    servers: [],
    clusters: [
      {
        name: CLUSTER,
        kind: 'pool',
        pool: POOL,
        endpoints: [],
        limit: CLUSTER,
        ...(poolLimit === undefined ? {} : { poolLimit: poolScope }),
        connectTimeoutMs: 10_000,
        idleTimeoutMs: 3_600_000,
        panicThresholdPercent: 50,
      },
    ],
    pools: [
      {
        name: POOL,
        source: { kind: 'InferencePool', namespace: 'default', name: 'vllm' },
        endpoints: endpoints.map(id => {
          const [address = '', port] = id.split(':');
          return { id, address, port: Number(port), labels: {}, metricsPath: '/metrics' };
        }),
        models: options.models ?? [],
        ...(options.objectives && { objectives: options.objectives }),
        defaultCriticality: 'Standard',
        failureMode: options.failureMode ?? 'FailOpen',
        ...(options.plugins && { plugins: options.plugins }),
      },
    ],
    limits: [scope(CLUSTER, limit), ...(poolLimit === undefined ? [] : [scope(poolScope, poolLimit)])],
  };
}

/** A picker that has taken over such a plan. Whatever listens there or not: it is scraped. */
export function pickerForTest(
  options: PlanOptions = {},
  bounds: Partial<ExtProcBounds> = {},
  onEvent: (event: string) => void = () => {},
): PickerState {
  const state = new PickerState({ onEvent, bounds, graceMs: 0, operators: 'everybody' });
  state.apply(planForTest(options));
  return state;
}

/** Nothing of a pool without models looks at the body. */
export const NO_BODY_SCORERS: NonNullable<Pool['plugins']> = [
  { name: 'lora-affinity-scorer', weight: 0 },
  { name: 'prefix-cache-scorer', weight: 0 },
];
