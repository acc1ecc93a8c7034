import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** audit.k8s.io/v1 Event, as far as it is read: one request of one user, when it has been answered. */
export interface Audited {
  readonly verb: string;
  readonly requestURI: string;
  /** Absent: not about an object, but for instance about what the API server has. */
  readonly objectRef?: {
    readonly apiGroup?: string;
    readonly resource: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code: number; readonly message?: string };
}

/** What the API server writes down of one user's requests. */
export class AuditLog {
  readonly #policy: string;
  readonly #log: string;

  constructor(folder: string) {
    this.#policy = join(folder, 'audit-policy.json');
    this.#log = join(folder, 'audit.log');
  }

  /** @param user name of a user, such as `system:serviceaccount:NAMESPACE:NAME` */
  async writePolicy(user: string): Promise<void> {
    const policy = {
      apiVersion: 'audit.k8s.io/v1',
      kind: 'Policy',
      rules: [{ level: 'Metadata', users: [user] }, { level: 'None' }],
      omitStages: ['RequestReceived'],
    };
    await writeFile(this.#policy, JSON.stringify(policy));
  }

  get flags(): string[] {
    return [`--audit-policy-file=${this.#policy}`, `--audit-log-path=${this.#log}`];
  }

  async read(): Promise<Audited[]> {
    const text = await readFile(this.#log, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    // The last line may be half written.
    const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
    return lines.filter(line => line !== '').map(line => JSON.parse(line) as Audited);
  }
}
