import type { Objects } from '../objects.ts';
import type { LabPod } from './pod.ts';

interface Issued {
  readonly token: string;
  readonly renewAtMs: number;
}

/** Tokens of a Pod's service account, bound to the Pod; asked for anew when 80 % of their time is over, as a kubelet does. */
export class Tokens {
  readonly #objects: Objects;
  readonly #pod: LabPod;
  readonly #issued = new Map<string, Issued>();

  constructor(objects: Objects, pod: LabPod) {
    this.#objects = objects;
    this.#pod = pod;
  }

  /** When the first of them is to be renewed; wall clock. */
  get renewAtMs(): number {
    return Math.min(...[...this.#issued.values()].map(each => each.renewAtMs));
  }

  async get(audience: string | undefined, expirationSeconds: number): Promise<string> {
    const key = `${audience ?? ''} ${expirationSeconds}`;
    const known = this.#issued.get(key);
    const nowMs = Date.now();
    if (known !== undefined && nowMs < known.renewAtMs) return known.token;
    const { metadata, spec } = this.#pod;
    const { name, uid, namespace } = metadata;
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${spec.serviceAccountName ?? 'default'}/token`;
    const request = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {
        audiences: audience === undefined ? [] : [audience],
        expirationSeconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
      },
    };
    const { status } = (await this.#objects.ask('POST', path, request)) as { status: { token: string } };
    this.#issued.set(key, { token: status.token, renewAtMs: nowMs + expirationSeconds * 800 });
    return status.token;
  }
}
