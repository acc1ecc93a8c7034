import type { ApiServer } from '../../cluster/api-server/index.ts';
import { ObjectWriter } from '../../cluster/apply/index.ts';
import { type CertificateStore, gatewaySecrets, type Issued } from '../../cluster/certificates/index.ts';
import { RepeatedTask, toldAs, wallMs } from '../../kernel/index.ts';
import { CERTIFICATE_TIMES } from '../../tls/index.ts';
import type { Cycle } from '../cycle.ts';

export interface GatewayCertificatesOptions {
  readonly server: ApiServer;
  readonly fieldManager: string;
  readonly controllerName: string;
  readonly certificates: CertificateStore;
  readonly mayWrite: () => boolean;
  readonly onProblem: (message: string) => void;
}

/** Certificates are looked at so often: they are due weeks before they expire. */
const LOOK_MS = 3_600_000;
/** After a look that failed. */
const BACKOFF_MS = 1_000;

/** Keeps the Secret of each Gateway's Envoys. */
export class GatewayCertificates {
  readonly writer: ObjectWriter;
  readonly #options: GatewayCertificatesOptions;
  readonly #issued: Issued = new Map();
  readonly #unsubscribe: () => void;
  readonly #task: RepeatedTask;
  #cycle: Cycle | undefined;

  constructor(options: GatewayCertificatesOptions) {
    this.#options = options;
    this.writer = new ObjectWriter(options);
    this.#unsubscribe = options.certificates.onChange(() => this.look());
    this.#task = new RepeatedTask(
      {
        task: 'making the certificates of Gateways',
        everyMs: LOOK_MS,
        backoffMs: BACKOFF_MS,
        maxBackoffMs: 60 * BACKOFF_MS,
        background: true,
        onFault: toldAs(options.onProblem),
      },
      () => this.#look(),
    ).start();
  }

  want(cycle: Cycle): void {
    this.#cycle = cycle;
    this.look();
  }

  /** Also to be called when it may write again. */
  look(): void {
    this.#task.soon();
  }

  #look(): void {
    const { controllerName, certificates, mayWrite } = this.#options;
    // Who does not lead would make others than the leader.
    if (this.#cycle === undefined || !mayWrite()) return;
    const { set, translation } = this.#cycle;
    const { servers } = translation.plan;
    const { authority } = certificates.current;
    const input = { set, controllerName, servers, authority, nowMs: wallMs(), times: CERTIFICATE_TIMES };
    this.writer.want(gatewaySecrets(input, this.#issued));
  }

  close(): void {
    this.#task.stop();
    this.#unsubscribe();
    this.writer.close();
  }
}
