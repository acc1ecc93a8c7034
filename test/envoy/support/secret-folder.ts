import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { sdsFiles } from '../../../src/cluster/certificates/sds.ts';
import { TransportSocketSchema } from '../../../src/envoy/gen/envoy/config/core/v3/base_pb.ts';
import { clientOfControlPlane } from '../../../src/envoy/resources/control-plane-tls.ts';
import { AtomicFolder } from '../../cluster/lab/pods/atomic-folder.ts';

/** The certificates of an Envoy as its Pod has them: a Secret that a kubelet writes, and SDS files that name it. */
export class SecretFolder {
  readonly #folder = mkdtempSync(join(tmpdir(), 'breakwater-secret-'));
  readonly #secret: AtomicFolder;
  readonly sds: string;

  constructor() {
    const certificates = join(this.#folder, 'certs');
    this.#secret = new AtomicFolder(certificates, { user: process.getuid!(), group: process.getgid!() });
    this.sds = join(this.#folder, 'sds');
    mkdirSync(this.sds);
    for (const [name, text] of Object.entries(sdsFiles(certificates)))
      writeFileSync(join(this.sds, name), text);
  }

  async write(secret: Readonly<Record<string, string>>): Promise<void> {
    await this.#secret.write(
      new Map(Object.entries(secret).map(([name, text]) => [name, { data: Buffer.from(text), mode: 0o600 }])),
    );
  }

  transportSocket() {
    return create(TransportSocketSchema, clientOfControlPlane(this.sds));
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
