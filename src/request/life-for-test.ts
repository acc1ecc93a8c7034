import assert from 'node:assert/strict';
import { EndpointTable, HealthTable } from '../endpoints/index.ts';
import { ByteBudget, FaultLog, seededRandom } from '../kernel/index.ts';
import { ACTIVE, Limits, LimitTable, RETRIES } from '../limits/index.ts';
import { Picker, PickLog, PrefixTable } from '../picker/index.ts';
import { DEFAULT_THRESHOLDS, type Model, type Pool } from '../plan/index.ts';
import type { Asker } from './asker.ts';
import type { Decision } from './decision.ts';
import type { EndpointChoice, Picked } from './endpoint/endpoint-choice.ts';
import { PoolChoice } from './endpoint/pool-choice.ts';
import type { ExternalPicking } from './external-picker/picker-clients.ts';
import { Observers } from './observer.ts';
import { DecisionLog } from './observers/decision-log.ts';
import { SentRequests } from './ownership/sent-requests.ts';
import type { LifeParts } from './parts.ts';
import type { PermitAt } from './permit.ts';
import type { Ownership, Target } from './request-target.ts';
import { type Steps, step } from './steps/step.ts';
import { ORDER, STEPS, stepsOf } from './steps/steps.ts';

export const ASKS: Asker = {
  toOperator: true,
  explains: false,
  target: '/v1/completions',
  contentType: 'application/json',
  contentEncoding: '',
  objective: '',
  goesOn: () => assert.fail('nothing waits'),
};

export const RENAMED: Model = {
  source: { kind: 'InferenceModel', namespace: 'default', name: 'm' },
  modelName: 'm',
  criticality: 'Critical',
  targetModels: [{ name: 'm-v2', weight: 1 }],
};

/** Steps with a second pick of the same picker, for another role: among the endpoints that the first has not taken. */
export function withPrefill(times = Number.POSITIVE_INFINITY): Steps {
  let left = times;
  const prefill = step('prefill', 'body', (life, _body, nowMs) => {
    if (--left < 0) return undefined;
    const { choice } = life.target;
    const first = life.chosen as Picked;
    const subset = choice.addresses.filter((_, index) => index !== first.index).map(({ id }) => id);
    const second = choice.choose({ ...life.asks, subset }, [], nowMs);
    if (second.kind === 'picked')
      life.chosen = { ...first, others: [{ role: 'prefill', index: second.index }] };
    return undefined;
  });
  const at = ORDER.findIndex(({ name }) => name === 'pick') + 1;
  return stepsOf([...ORDER.slice(0, at), prefill, ...ORDER.slice(at)]);
}

export interface LifeOptions {
  readonly permitAt?: PermitAt;
  readonly endpoints?: number;
  readonly limit?: number;
  readonly poolLimit?: number;
  readonly maxRetries?: number;
  readonly models?: readonly Model[];
  readonly objectives?: NonNullable<Pool['objectives']>;
  readonly failureMode?: Pool['failureMode'];
  readonly external?: boolean;
  readonly steps?: Steps;
  readonly ownership?: Partial<Ownership>;
}

/** A pool, its limits, and all that lives of requests share, with what was told of them. */
export function lifeBench(options: LifeOptions = {}) {
  const { permitAt = 'connection', limit = 9, poolLimit = 9, maxRetries = 3, endpoints = 3 } = options;
  const table = LimitTable.create({ workers: 1, slots: 4 });
  const figures = EndpointTable.create(1, 16);
  const health = HealthTable.create(16);
  const log = new PickLog(1024);
  const random = seededRandom(1);
  const picker = new Picker({ endpoints: figures, prefixes: PrefixTable.create(16), health, random, log });
  const pool: Pool = {
    name: 'default/p',
    source: { kind: 'InferencePool', namespace: 'default', name: 'p' },
    endpoints: Array.from({ length: endpoints }, (_, i) => ({
      id: `10.0.0.${i}:1`,
      address: `10.0.0.${i}`,
      port: 1,
      labels: {},
      metricsPath: '/metrics',
    })),
    models: options.models ?? [],
    ...(options.objectives && { objectives: options.objectives }),
    failureMode: options.failureMode ?? 'FailClose',
  };
  const slots = Int32Array.from(pool.endpoints, (_, i) => i);
  /** After so many calls of it the choice throws, once. */
  const fuse = { calls: Number.POSITIVE_INFINITY };
  const choice = throwing(new PoolChoice(pool, slots, {}, picker, health, 2), fuse);
  const told = { began: [] as Decision[], ended: [] as Decision[], faults: [] as string[] };
  const decisions = new DecisionLog(log);
  const observers = new Observers(
    [decisions, { began: one => told.began.push(one), ended: one => told.ended.push(one) }],
    new FaultLog(line => told.faults.push(line)),
  );
  const bodies = ByteBudget.create(1000);
  const parts: LifeParts = {
    limits: new Limits(table),
    bodies,
    observers,
    decisions,
    permitAt,
    steps: options.steps ?? STEPS,
    random,
    wallClock: () => 0,
  };
  const scope = (name: string, slot: number, maxParallelRequests: number) => ({
    name,
    slot,
    thresholds: { ...DEFAULT_THRESHOLDS, maxParallelRequests, maxParallelRetries: maxRetries },
  });
  const requests = new SentRequests();
  const target: Target = {
    name: 'route/0',
    choice,
    scope: scope('route/0', 0, limit),
    poolScope: scope('pool', 1, poolLimit),
    ownership: { grants: () => true, foreign: () => 0, requests, ...options.ownership },
    external: options.external ? ({} as ExternalPicking) : undefined,
  };
  const held = () => ({
    permits: table.inUse(0, ACTIVE) + table.inUse(1, ACTIVE),
    retries: table.inUse(0, RETRIES),
    inFlight: pool.endpoints.reduce((sum, _, i) => sum + figures.inFlight(i), 0),
    sent: pool.endpoints.reduce((sum, _, i) => sum + requests.surelyThere(i, 1e9), 0),
  });
  return {
    parts,
    target,
    pool,
    told,
    held,
    fuse,
    figures,
    bodies,
    inUse: (slot: number) => table.inUse(slot, ACTIVE),
  };
}

export const NOTHING_HELD = { permits: 0, retries: 0, inFlight: 0, sent: 0 };

/** Throws before it does anything, but where it gives something back: then when that is done. */
function throwing(choice: PoolChoice, fuse: { calls: number }): EndpointChoice {
  return new Proxy(choice, {
    get(of, name) {
      const value: unknown = Reflect.get(of, name, of);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        const burns = --fuse.calls === 0;
        if (burns && name !== 'ended') throw new TypeError(`${String(name)} is undefined`);
        const result: unknown = value.apply(of, args);
        if (burns) throw new TypeError(`${String(name)} is undefined`);
        return result;
      };
    },
  });
}
