import type { ObjectRef } from './object-ref.ts';
import type { PluginUse } from './plugins.ts';

/** An InferencePool: model servers that are picked one by one, by what each has to do and what it has cached. */
export interface Pool {
  /** `NAMESPACE/NAME`. */
  readonly name: string;
  readonly source: ObjectRef;
  readonly endpoints: readonly PoolEndpoint[];
  readonly models: readonly Model[];
  /** By the name that a request gives in `x-gateway-inference-objective`; what it names counts before its model. */
  readonly objectives?: Readonly<Record<string, Criticality>>;
  /** Of requests that no model is chosen for; absent: Sheddable. */
  readonly defaultCriticality?: Criticality;
  /** When nothing is known of any endpoint: FailOpen picks among all ready ones, FailClose answers 503. */
  readonly failureMode: 'FailOpen' | 'FailClose';
  /** Plugins of the picker that are not to be as they are by default. */
  readonly plugins?: readonly PluginUse[];
  /** A picker Service that is really there: it is asked over ext_proc instead of picking here. */
  readonly externalPicker?: ExternalPicker;
}

/** An endpoint picker that somebody else runs (Endpoint Picker Protocol of the Inference Extension). */
export interface ExternalPicker {
  /** The Service's `NAMESPACE/NAME:PORT`. */
  readonly name: string;
  /** Those that are ready; none while the picker is down. */
  readonly endpoints: readonly { readonly address: string; readonly port: number }[];
  /** False: HTTP/2 in plain text. */
  readonly tls: boolean;
}

export interface PoolEndpoint {
  /** `ADDRESS:PORT`, IPv6 in brackets: what the endpoint picker protocol calls it. */
  readonly id: string;
  readonly address: string;
  readonly port: number;
  /** Pod's `NAMESPACE/NAME`, for people. */
  readonly pod?: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Where metrics are scraped: the same address, this path. */
  readonly metricsPath: string;
  /** Absent: {@link port}. */
  readonly metricsPort?: number;
  /** Over TLS, unverified. */
  readonly metricsTls?: true;
  /** Its metrics are not to be scraped. */
  readonly unscraped?: true;
}

export type Criticality = 'Critical' | 'Standard' | 'Sheddable';

/** An InferenceModel (v1alpha2). */
export interface Model {
  readonly source: ObjectRef;
  /** The value of the body's `model` that chooses it. */
  readonly modelName: string;
  readonly criticality: Criticality;
  /** The model name sent upstream, drawn by weight; empty: sent as it came. */
  readonly targetModels: readonly { readonly name: string; readonly weight: number }[];
}
