import type { Cores } from '../cores.ts';
import type { Address, BenchProcess, Workbench } from '../processes.ts';

/** All gateways listen here, one at a time. */
export const GATEWAY_ADDRESS: Address = { host: '127.0.0.1', port: 18080 };

/** Time that a connect, a request or a stream may take before a peer gives it up. */
export const TIMEOUT_SECONDS = 60;

/** The gateway that the others are compared with. */
export const BASELINE = 'HAProxy';

/** What is measured: a gateway in front of model servers. */
export interface Gateway {
  readonly name: string;
  /** Starts it on the gateway's core and waits until it listens. */
  start(setting: GatewaySetting): Promise<BenchProcess>;
}

export interface GatewaySetting {
  readonly bench: Workbench;
  readonly cores: Cores;
  readonly endpoints: readonly Address[];
  /** Look after the endpoints as often as Breakwater scrapes them; peers that only pass bytes can check their health. */
  readonly checksEndpoints: boolean;
}
