import type { Cycle } from '../../admin/runtime.ts';
import type { ApiServer } from '../../cluster/api-server/index.ts';
import { ObjectWriter } from '../../cluster/apply/index.ts';
import { embeddedState } from '../../cluster/infrastructure/index.ts';
import type { OwnPod } from './own-pod.ts';

export interface InfrastructureOptions {
  readonly server: ApiServer;
  readonly fieldManager: string;
  readonly controllerName: string;
  readonly pod: OwnPod;
  readonly mayWrite: () => boolean;
  readonly onProblem: (message: string) => void;
}

/** Keeps the Service of each Gateway, and its endpoint: this Pod, while it leads. */
export class EmbeddedInfrastructure {
  readonly #controllerName: string;
  readonly #pod: OwnPod;
  readonly writer: ObjectWriter;

  constructor({ controllerName, pod, ...options }: InfrastructureOptions) {
    this.#controllerName = controllerName;
    this.#pod = pod;
    this.writer = new ObjectWriter(options);
  }

  /** It may write again. */
  resume(): void {
    this.writer.resume();
  }

  async close(): Promise<void> {
    this.writer.close();
  }

  want({ set, translation, report }: Cycle): void {
    const { name, namespace, ip } = this.#pod;
    const nodeName = set.get('Pod', namespace, name)?.spec?.nodeName;
    this.writer.want(
      embeddedState({
        set,
        controllerName: this.#controllerName,
        servers: translation.plan.servers,
        reports: report.servers,
        pod: { name, namespace, ip, nodeName },
      }),
    );
  }
}
