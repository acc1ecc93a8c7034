import type { ConnectionOptions } from 'node:tls';
import { RepeatedTask } from '../../kernel/index.ts';
import type { ActiveHealthCheck, BackendTls } from '../../plan/index.ts';
import { backendTlsOptions } from '../../tls/index.ts';
import { addressId } from '../endpoint-id.ts';
import type { HealthTable } from '../health-table.ts';
import { probe } from './probe.ts';

export interface Check {
  readonly slot: number;
  readonly address: string;
  readonly port: number;
  readonly policy: ActiveHealthCheck;
  /** Host header where the policy sets none: Envoy's is the cluster's name. */
  readonly host: string;
  readonly tls: BackendTls | undefined;
}

/** However short the interval of a policy is. */
const LEAST_INTERVAL_MS = 10;

/**
 * Checks one endpoint again and again. A check that cannot be made at all (a path that no request can have, a certificate
 * that cannot be read) says nothing of the endpoint: it stays as it is, and that is told once.
 */
export class CheckLoop {
  readonly #check: Check;
  readonly #health: HealthTable;
  readonly #onChange: (message: string) => void;
  readonly #task: RepeatedTask;
  #tls: ConnectionOptions | undefined;
  #stopped = false;
  #healthy = true;
  /** Results in a row that speak against the present state. */
  #against = 0;
  #first = true;

  constructor(check: Check, health: HealthTable, onChange: (message: string) => void) {
    this.#check = check;
    this.#health = health;
    this.#onChange = onChange;
    const id = addressId(check);
    this.#task = new RepeatedTask(
      {
        task: `active health check of ${id}`,
        everyMs: Math.max(LEAST_INTERVAL_MS, check.policy.intervalMs),
        background: true,
        onFault: ({ error, failures }) => {
          if (failures === 1)
            onChange(`${id}: the health check of the policy cannot be made: ${error.message}`);
        },
      },
      () => this.#run(),
    ).start();
  }

  stop(): void {
    this.#stopped = true;
    this.#task.stop();
    this.#health.setProbed(this.#check.slot, true);
  }

  async #run(): Promise<void> {
    const { policy, address, port, host, tls } = this.#check;
    this.#tls ??= tls && backendTlsOptions(tls);
    const failure = await probe(policy, { address, port, host, tls: this.#tls });
    if (!this.#stopped) this.#count(failure);
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
