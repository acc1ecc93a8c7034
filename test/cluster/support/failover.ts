import { join } from 'node:path';
import { until } from '../../support/until.ts';
import type { Lab } from '../lab/index.ts';

const NAMESPACE = 'breakwater-system';
const LEASES = `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases`;
const PATIENCE_MS = 180_000;
const PROGRAM = join(import.meta.dirname, 'counting-model-server.mjs');

interface Lease {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: { readonly holderIdentity?: string };
}

interface Pod {
  readonly metadata: { readonly name: string };
  readonly status: {
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly { readonly restartCount: number }[];
  };
}

interface Counts {
  readonly running: number;
  readonly most: number;
  readonly begun: number;
  readonly cut: number;
}

/** Who leads and who holds, and pools whose model servers count. */
export class FailoverBench {
  readonly #lab: Lab;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  /** Name of the Pod that leads. */
  async leader(): Promise<string | undefined> {
    const { status, body } = await this.#lab.server.request('GET', `${LEASES}/breakwater-controller`);
    return status === 200 ? podOf(body as Lease) : undefined;
  }

  /** Name of the Pod that holds a pool's permits. */
  async holder(pool: string): Promise<string | undefined> {
    const { items } = (await this.#lab.objects.ask('GET', LEASES)) as { items: Lease[] };
    const lease = items.find(
      ({ metadata }) => metadata.annotations?.['breakwater.dev/pool'] === `default/${pool}`,
    );
    return lease && podOf(lease);
  }

  /** The controller's Pods. */
  async replicas(): Promise<readonly Pod[]> {
    return await this.#pods(NAMESPACE, 'app.kubernetes.io/component=controller');
  }

  /** Once both are ready. */
  async bothReady(): Promise<void> {
    await until(
      'both replicas are ready',
      async () => (await this.replicas()).filter(isReady).length === 2,
      PATIENCE_MS,
    );
  }

  /** Once a Gateway has so many Envoys. */
  async envoysReady(gateway: string, count: number): Promise<void> {
    const selector = `gateway.envoyproxy.io/owning-gateway-name=${gateway}`;
    await until(
      `${count} Envoys are ready`,
      async () => (await this.#pods('default', selector)).filter(isReady).length === count,
      PATIENCE_MS,
    );
  }

  /** How often a replica was started again. */
  async restarts(name: string): Promise<number> {
    const pod = (await this.replicas()).find(({ metadata }) => metadata.name === name);
    return pod?.status.containerStatuses?.[0]?.restartCount ?? 0;
  }

  /** Kills a replica's process. @returns when, of performance.now() */
  kill(pod: string): number {
    this.#lab.kill(NAMESPACE, pod);
    return performance.now();
  }

  /** SIGTERM, as `kubectl delete pod` has a kubelet send, without an API server that could be asked. */
  terminate(pod: string): void {
    this.#lab.kill(NAMESPACE, pod, undefined, 'SIGTERM');
  }

  /** Has a replica stop in order, as a rollout or a drain of its Node does. @returns when, of performance.now() */
  async delete(pod: string): Promise<number> {
    await this.#lab.objects.ask('DELETE', `/api/v1/namespaces/${NAMESPACE}/pods/${pod}`);
    return performance.now();
  }

  /** Requests in flight that a replica counts for others, which are stopping. */
  async elsewhere(name: string): Promise<number> {
    const pod = (await this.replicas()).find(({ metadata }) => metadata.name === name);
    const sample = /^breakwater_limit_in_use_elsewhere\{[^}]*limit="maxParallelRequests"[^}]*\} (.*)$/gm;
    const counts = [...(await this.#metrics(pod?.status.podIP)).matchAll(sample)].map(([, count]) =>
      Number(count),
    );
    return Math.max(0, ...counts);
  }

  /** An InferencePool without its model server, and a route `POOL.example` of a Gateway to it, with a limit. */
  async pool(
    gateway: string,
    name: string,
    limit: number,
    failureMode = 'FailClose',
    pending = 1,
  ): Promise<void> {
    await this.#lab.objects.apply(poolObjects(gateway, name, { limit, pending }, failureMode));
  }

  /** The model server of a pool, ready. */
  async modelServer(pool: string): Promise<void> {
    await this.#lab.install([modelServer(pool)], PATIENCE_MS);
  }

  async counts(pool: string): Promise<Counts> {
    const [pod] = await this.#pods('default', `app=${pool}`);
    return (await (await fetch(`http://${pod?.status.podIP}:8000/counts`)).json()) as Counts;
  }

  /** What is left in the gauges of all replicas that say what is in use or in flight. */
  async inUse(): Promise<string[]> {
    const texts = await Promise.all(
      (await this.replicas()).map(async ({ status }) => await this.#metrics(status.podIP)),
    );
    const sample = /^breakwater_(?:limit_in_use|endpoint_in_flight)\{.*\} (?!0$).*$/gm;
    return texts.flatMap(text => text.match(sample) ?? []);
  }

  /** What a replica says about itself. */
  async figure(name: string, sample: string): Promise<number | undefined> {
    const pod = (await this.replicas()).find(({ metadata }) => metadata.name === name);
    return await this.figureAt(pod?.status.podIP, sample);
  }

  /** The same, without asking the API server where it is. */
  async figureAt(ip: string | undefined, sample: string): Promise<number | undefined> {
    const text = await this.#metrics(ip);
    const line = text.split('\n').find(each => each.startsWith(`${sample} `));
    return line === undefined ? undefined : Number(line.slice(sample.length));
  }

  async #metrics(ip: string | undefined): Promise<string> {
    return await (await fetch(`http://${ip}:8081/metrics`)).text();
  }

  async #pods(namespace: string, selector: string): Promise<readonly Pod[]> {
    const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(selector)}`;
    return ((await this.#lab.objects.ask('GET', path)) as { items: Pod[] }).items;
  }
}

function podOf({ spec }: Lease): string | undefined {
  return spec?.holderIdentity?.split('_')[0] || undefined;
}

function isReady({ status }: Pod): boolean {
  return status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
}

function poolObjects(
  gateway: string,
  name: string,
  { limit, pending }: { readonly limit: number; readonly pending: number },
  failureMode: string,
): object[] {
  const group = 'inference.networking.x-k8s.io';
  const metadata = { name, namespace: 'default' };
  return [
    {
      apiVersion: `${group}/v1alpha2`,
      kind: 'InferencePool',
      metadata,
      spec: {
        selector: { app: name },
        targetPortNumber: 8000,
        extensionRef: { name: `${name}-picker`, failureMode },
      },
    },
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata,
      spec: {
        parentRefs: [{ name: gateway }],
        hostnames: [`${name}.example`],
        rules: [{ backendRefs: [{ group, kind: 'InferencePool', name }] }],
      },
    },
    {
      apiVersion: 'gateway.envoyproxy.io/v1alpha1',
      kind: 'BackendTrafficPolicy',
      metadata,
      spec: {
        targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name }],
        circuitBreaker: { maxParallelRequests: limit, maxPendingRequests: pending },
      },
    },
  ];
}

function modelServer(name: string): object {
  const labels = { app: name };
  const container = {
    name: 'c',
    image: 'node',
    command: [process.execPath, PROGRAM],
    ports: [{ containerPort: 8000 }],
    readinessProbe: { httpGet: { path: '/health', port: 8000 } },
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  };
}
