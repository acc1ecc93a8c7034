import type { SimulatorOptions } from '../simulator/index.ts';

/** All that a simulator in the thread needs; goes through structured clone. */
export interface ThreadSimulator {
  readonly options: SimulatorOptions;
  readonly address: string;
  readonly port: number;
  readonly files: Readonly<Record<string, string>>;
}

/** To the thread. `id` names the simulator in later messages. */
export type ThreadRequest =
  | { readonly kind: 'start'; readonly id: number; readonly simulator: ThreadSimulator }
  | { readonly kind: 'stop'; readonly id: number; readonly graceMs: number };

/** From the thread, one for each request. */
export type ThreadReply =
  | { readonly kind: 'started'; readonly id: number }
  | { readonly kind: 'failed'; readonly id: number; readonly errorCode: string; readonly message: string }
  | { readonly kind: 'stopped'; readonly id: number };
