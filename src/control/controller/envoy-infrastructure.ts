import type { ApiServer } from '../../cluster/api-server/index.ts';
import { ObjectWriter, OwnedObjects } from '../../cluster/apply/index.ts';
import {
  type Attempt,
  type BootstrapOptions,
  envoyAttempts,
  envoyState,
} from '../../cluster/infrastructure/index.ts';
import { toldAs } from '../../kernel/index.ts';
import type { Cycle } from '../cycle.ts';

export interface EnvoyInfrastructureOptions {
  readonly server: ApiServer;
  readonly fieldManager: string;
  readonly controllerName: string;
  /** That Gateways are served in; all when empty. */
  readonly namespaces: readonly string[];
  readonly bootstrap: BootstrapOptions;
  readonly mayWrite: () => boolean;
  readonly onProblem: (message: string) => void;
}

/** What Gateways are made of on the Envoy plane, but for Secrets. */
const KINDS = [
  'Service',
  // Of the embedded plane, where the installation had that before.
  'EndpointSlice',
  'ConfigMap',
  'ServiceAccount',
  'Deployment',
  'DaemonSet',
  'HorizontalPodAutoscaler',
  'PodDisruptionBudget',
];

/** Keeps the Envoys of each Gateway, and all that they need. */
export class EnvoyInfrastructure {
  readonly writer: ObjectWriter;
  readonly #options: EnvoyInfrastructureOptions;
  readonly #owned: OwnedObjects;
  readonly #told = new Map<string, string>();
  #cycle: Cycle | undefined;
  #attempts: readonly Attempt[] = [];

  constructor(options: EnvoyInfrastructureOptions) {
    this.#options = options;
    this.writer = new ObjectWriter(options);
    const { server, namespaces } = options;
    this.#owned = new OwnedObjects({
      server,
      namespaces,
      kinds: KINDS,
      onChange: () => this.#look(),
      onFault: toldAs(options.onProblem),
    });
  }

  want(cycle: Cycle): void {
    const { controllerName, bootstrap } = this.#options;
    const { set, translation } = cycle;
    const { servers } = translation.plan;
    this.#cycle = cycle;
    this.#attempts = envoyAttempts({ set, controllerName, servers, bootstrap });
    this.#look();
  }

  /** It may write again. */
  resume(): void {
    this.#look();
  }

  async close(): Promise<void> {
    this.writer.close();
    await this.#owned.close();
  }

  #look(): void {
    if (this.#cycle === undefined || !this.#owned.isComplete) return;
    const { controllerName } = this.#options;
    const state = envoyState(this.#cycle.set, controllerName, this.#attempts, this.#owned.all());
    this.writer.want(state);
    this.#tell(state.problems.map(({ gateway, error }) => [keyOf(gateway), error ?? '']));
  }

  /** Who does not lead tells it when it does. */
  #tell(problems: readonly (readonly [string, string])[]): void {
    if (!this.#options.mayWrite()) return;
    const now = new Map(problems);
    for (const [key, error] of now)
      if (this.#told.get(key) !== error)
        this.#options.onProblem(`Gateway ${key} keeps what it is made of: ${error}`);
    this.#told.clear();
    for (const [key, error] of now) this.#told.set(key, error);
  }
}

function keyOf({
  metadata,
}: {
  readonly metadata: { namespace?: string | undefined; name: string };
}): string {
  return `${metadata.namespace}/${metadata.name}`;
}
