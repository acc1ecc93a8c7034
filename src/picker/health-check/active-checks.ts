import type { ConnectionOptions } from 'node:tls';
import type { HealthTable } from '../../limits/index.ts';
import type { ActiveHealthCheck, BackendTls, Plan } from '../../plan/index.ts';
import { backendTlsOptions } from '../backend-tls.ts';
import { addressId, endpointKey } from '../endpoint-id.ts';
import { probe } from './probe.ts';

interface Check {
  readonly slot: number;
  readonly address: string;
  readonly port: number;
  readonly policy: ActiveHealthCheck;
  /** Host header where the policy sets none: Envoy's is the cluster's name. */
  readonly host: string;
  readonly tls: BackendTls | undefined;
}

/** Active health checking of clusters whose policy asks for it (envoy.config.core.v3.HealthCheck). */
export class ActiveChecks {
  readonly #health: HealthTable;
  readonly #onChange: (message: string) => void;
  /** By row and policy; a changed policy begins anew. */
  readonly #running = new Map<string, CheckLoop>();

  constructor(health: HealthTable, onChange: (message: string) => void) {
    this.#health = health;
    this.#onChange = onChange;
  }

  apply(plan: Plan, slots: ReadonlyMap<string, number>): void {
    const wanted = new Map(checksOf(plan, slots).map(check => [JSON.stringify(check), check]));
    for (const [key, loop] of this.#running) {
      if (wanted.has(key)) continue;
      this.#running.delete(key);
      loop.stop();
    }
    for (const [key, check] of wanted)
      if (!this.#running.has(key)) this.#running.set(key, new CheckLoop(check, this.#health, this.#onChange));
  }

  close(): void {
    for (const loop of this.#running.values()) loop.stop();
    this.#running.clear();
  }
}

function checksOf(plan: Plan, slots: ReadonlyMap<string, number>): Check[] {
  const pools = new Map(plan.pools.map(pool => [pool.name, pool]));
  return plan.clusters.flatMap(cluster => {
    const policy = cluster.activeHealthCheck;
    if (policy === undefined) return [];
    const pool = pools.get(cluster.pool ?? '');
    const owner = pool?.name ?? cluster.name;
    return (pool?.endpoints ?? cluster.endpoints).flatMap(({ address, port }) => {
      const slot = slots.get(endpointKey(owner, addressId({ address, port })));
      return slot === undefined
        ? []
        : [{ slot, address, port, policy, host: cluster.name, tls: cluster.tls }];
    });
  });
}

class CheckLoop {
  readonly #check: Check;
  readonly #health: HealthTable;
  readonly #onChange: (message: string) => void;
  #timer: NodeJS.Timeout | undefined;
  readonly #tls: ConnectionOptions | undefined;
  #stopped = false;
  #healthy = true;
  /** Results in a row that speak against the present state. */
  #against = 0;
  #first = true;

  constructor(check: Check, health: HealthTable, onChange: (message: string) => void) {
    this.#check = check;
    this.#health = health;
    this.#onChange = onChange;
    this.#tls = check.tls && backendTlsOptions(check.tls);
    void this.#run();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#health.setProbed(this.#check.slot, true);
  }

  async #run(): Promise<void> {
    const { policy, address, port, host } = this.#check;
    const failure = await probe(policy, { address, port, host, tls: this.#tls });
    if (this.#stopped) return;
    this.#count(failure);
    this.#timer = setTimeout(() => void this.#run(), policy.intervalMs);
    this.#timer.unref();
  }

  #count(failure: string | undefined): void {
    const { policy, slot, address, port } = this.#check;
    const healthy = failure === undefined;
    // Envoy: the very first result decides at once when it is good; a bad one needs its threshold as well.
    this.#against = healthy === this.#healthy ? 0 : this.#against + 1;
    const threshold = healthy ? (this.#first ? 1 : policy.healthyThreshold) : policy.unhealthyThreshold;
    this.#first = false;
    if (this.#against === 0 || this.#against < threshold) return;
    this.#against = 0;
    this.#healthy = healthy;
    this.#health.setProbed(slot, healthy);
    const id = addressId({ address, port });
    this.#onChange(healthy ? `${id}: health check passes again` : `${id}: health check fails: ${failure}`);
  }
}
