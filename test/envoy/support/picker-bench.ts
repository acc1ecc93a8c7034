import { ExtProcServer } from '../../../src/envoy/ext-proc/ext-proc-server.ts';
import type { PickerState } from '../../../src/envoy/ext-proc/picker-state.ts';
import {
  CLUSTER,
  type PlanOptions,
  POOL,
  pickerForTest,
} from '../../../src/envoy/ext-proc/picker-state-for-test.ts';
import { selfSigned } from '../../../src/tls/self-signed.ts';
import { EnvoyProcess } from '../../support/envoy-process.ts';
import { until } from '../../support/until.ts';
import { ModelServer } from './model-server.ts';
import { type PoolRoute, poolBootstrap } from './pool-route.ts';

export interface PickerBenchOptions extends Omit<PoolRoute, 'endpoints' | 'picker'> {
  readonly plan?: Omit<PlanOptions, 'endpoints'>;
  readonly answer: Parameters<typeof ModelServer.start>[0];
  /** Default: 1. */
  readonly envoys?: number;
  /** Workers of each Envoy. Default: 1. */
  readonly concurrency?: number;
}

/** Model server, picker, and real Envoys in front. */
export class PickerBench {
  readonly events: string[] = [];
  readonly models: ModelServer;
  readonly state: PickerState;
  /** Where clients reach the Envoys. */
  readonly ports: number[] = [];
  readonly #server: ExtProcServer;
  readonly #envoys: EnvoyProcess[] = [];

  private constructor(models: ModelServer, state: PickerState, server: ExtProcServer) {
    this.models = models;
    this.state = state;
    this.#server = server;
  }

  static async run(options: PickerBenchOptions, use: (bench: PickerBench) => Promise<void>): Promise<void> {
    const models = await ModelServer.start(options.answer);
    const state = pickerForTest({ ...options.plan, endpoints: [`127.0.0.1:${models.port}`] });
    const server = await ExtProcServer.start({
      context: state.context,
      targetOf: cluster => (cluster === undefined ? state.pool(POOL) : state.cluster(cluster)),
      reported: entry => state.reported(entry),
      address: '127.0.0.1',
      port: 0,
      tls: options.tls === true ? selfSigned('breakwater-picker', new Date()) : undefined,
      onEvent: message => bench.events.push(message),
    });
    const bench = new PickerBench(models, state, server);
    try {
      for (let i = 0; i < (options.envoys ?? 1); i++) await bench.#envoy(options);
      await use(bench);
      await until('nothing is held', () => (bench.held === 0 ? true : undefined), 5000);
    } finally {
      await bench.#close();
    }
  }

  get url(): string {
    return `http://127.0.0.1:${this.ports[0]}`;
  }

  /** Permits, requests counted at endpoints, bytes of bodies. */
  get held(): number {
    const { limits, endpoints } = this.state.snapshot();
    return (
      this.state.context.bodies.heldBytes +
      limits.reduce((sum, scope) => sum + scope.active, 0) +
      endpoints.reduce((sum, endpoint) => sum + endpoint.inFlight, 0)
    );
  }

  /** Permits of the route. */
  get permits(): number {
    return this.state.snapshot().limits.find(({ scope }) => scope === CLUSTER)?.active ?? 0;
  }

  async #envoy(options: PickerBenchOptions): Promise<void> {
    const bootstrap = poolBootstrap({
      ...options,
      endpoints: [this.models.port],
      picker: this.#server.port,
    });
    const envoy = await EnvoyProcess.start(bootstrap, options.concurrency ?? 1);
    this.#envoys.push(envoy);
    this.ports.push(await envoy.port('gateway'));
  }

  async #close(): Promise<void> {
    await Promise.all(this.#envoys.map(envoy => envoy.stop()));
    await this.#server.close();
    await Promise.all([this.state.close(), this.models.close()]);
  }
}
