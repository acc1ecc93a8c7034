import { until } from '../../support/until.ts';
import type { Lab } from '../lab/index.ts';

/** An object of the namespace `default`. */
export function object(kind: string, name: string, rest: object = {}): object {
  return { apiVersion: 'v1', kind, metadata: { name, namespace: 'default' }, ...rest };
}

export function pod(name: string, spec: object, labels: object = {}): object {
  const metadata = { name, namespace: 'default', labels };
  return object('Pod', name, { metadata, spec: { terminationGracePeriodSeconds: 0, ...spec } });
}

/** What Pods of tests do that do nothing. */
export const sleeper = { name: 'c', image: 'busybox', command: ['sleep', 'infinity'] };

export interface PodStatus {
  readonly phase?: string;
  readonly podIP?: string;
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  readonly containerStatuses?: readonly { readonly restartCount: number }[];
}

/** Pods of the namespace `default` of a lab, as tests use them. */
export class TestPods {
  readonly #lab: Lab;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  /** Until it is ready. */
  async run(name: string, spec: object, labels: object = {}): Promise<void> {
    await until(
      'there is a service account',
      async () => {
        const path = '/api/v1/namespaces/default/serviceaccounts/default';
        return (await this.#lab.server.request('GET', path)).status === 200;
      },
      60_000,
    );
    await this.#lab.objects.apply([pod(name, spec, labels)]);
    await this.isReady(name);
  }

  async status(name: string): Promise<PodStatus> {
    const path = `/api/v1/namespaces/default/pods/${name}`;
    return ((await this.#lab.objects.ask('GET', path)) as { status: PodStatus }).status;
  }

  async ready(name: string): Promise<boolean> {
    const { conditions = [] } = await this.status(name);
    return conditions.some(each => each.type === 'Ready' && each.status === 'True');
  }

  async isReady(name: string): Promise<void> {
    await until(`${name} is ready`, () => this.ready(name), 60_000).catch(async error => {
      const status = JSON.stringify(await this.status(name));
      const log = await this.#lab.logs('default', name).catch(() => '');
      throw new Error(`${error.message}: ${status}\n${log.slice(-3000)}`);
    });
  }

  /** Standard output of a shell's command there; fails with its errors. */
  async shell(name: string, command: string): Promise<string> {
    const { code, stdout, stderr } = await this.#lab.exec('default', name, ['sh', '-c', command]);
    if (code !== 0) throw new Error(`${command}: ${code} ${stderr}`);
    return stdout;
  }
}
