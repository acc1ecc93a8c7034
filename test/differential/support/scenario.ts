import type { Scene } from '../../proxy/support/gateway.ts';
import type { Manifests } from '../../proxy/support/manifests.ts';
import type { Script } from '../../proxy/support/upstream.ts';

export type PlaneName = 'embedded' | 'envoy';

/** One row: manifests, requests, and what comes of them on either plane. */
export interface Scenario {
  /** What a user would say is the same, or not, on both planes. */
  readonly name: string;
  /** Default: everything to one Backend with the upstreams. */
  readonly manifests?: Manifests;
  /** One for each upstream, made anew for each plane. Default: one that answers `ok`. */
  readonly upstreams?: () => readonly Script[];
  /** Plain data that is compared between the planes. */
  readonly run: (scene: Scene) => Promise<unknown>;
  /** What both give; absent: it is only compared. */
  readonly gives?: unknown;
  /** Where the planes must differ: what each gives, and why. */
  readonly differs?: { readonly why: string; readonly embedded: unknown; readonly envoy: unknown };
}
