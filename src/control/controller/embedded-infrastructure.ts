import type { ApiServer } from '../../cluster/api-server/index.ts';
import { ObjectWriter, OwnedObjects } from '../../cluster/apply/index.ts';
import { ENVOY_KINDS, embeddedState } from '../../cluster/infrastructure/index.ts';
import { toldAs } from '../../kernel/index.ts';
import type { Cycle } from '../cycle.ts';
import type { OwnPod } from './own-pod.ts';

export interface InfrastructureOptions {
  readonly server: ApiServer;
  readonly fieldManager: string;
  readonly controllerName: string;
  /** That Gateways are served in; all when empty. */
  readonly namespaces: readonly string[];
  readonly pod: OwnPod;
  readonly mayWrite: () => boolean;
  readonly onProblem: (message: string) => void;
}

/** Keeps the Service of each Gateway, and its endpoint: this Pod, while it leads. */
export class EmbeddedInfrastructure {
  readonly #controllerName: string;
  readonly #pod: OwnPod;
  readonly writer: ObjectWriter;
  /** What an installation that was on the Envoy plane before has left. */
  readonly #envoys: OwnedObjects;
  #cycle: Cycle | undefined;

  constructor({ controllerName, pod, namespaces, ...options }: InfrastructureOptions) {
    this.#controllerName = controllerName;
    this.#pod = pod;
    this.writer = new ObjectWriter(options);
    const { server } = options;
    this.#envoys = new OwnedObjects({
      server,
      namespaces,
      kinds: ENVOY_KINDS,
      onChange: () => this.#look(),
      onFault: toldAs(options.onProblem),
    });
  }

  /** It may write again. */
  resume(): void {
    this.writer.resume();
  }

  async close(): Promise<void> {
    this.writer.close();
    await this.#envoys.close();
  }

  want(cycle: Cycle): void {
    this.#cycle = cycle;
    this.#look();
  }

  #look(): void {
    if (this.#cycle === undefined) return;
    const { set, translation, report } = this.#cycle;
    const { name, namespace, ip } = this.#pod;
    const nodeName = set.get('Pod', namespace, name)?.spec?.nodeName;
    this.writer.want(
      embeddedState({
        set,
        controllerName: this.#controllerName,
        servers: translation.plan.servers,
        reports: report.servers,
        pod: { name, namespace, ip, nodeName },
        // Of an incomplete list nothing is missing that is wanted.
        envoys: this.#envoys.all(),
      }),
    );
  }
}
