import type { Progress } from '../binaries.ts';
import type { Objects } from '../objects.ts';
import type { PodNetwork } from '../pods/pod-network.ts';
import { Store } from '../store.ts';
import { slicesByService } from './endpoints.ts';
import { type Forward, forwardsOf } from './forwards.ts';
import { assignments } from './load-balancers.ts';
import type { LabEndpointSlice, LabService } from './service.ts';
import { TcpForwarder } from './tcp-forwarder.ts';

export interface ServiceProxyOptions {
  readonly objects: Objects;
  readonly kubeconfig: string;
  readonly network: PodNetwork;
  /** Port of the API server on the loopback address. */
  readonly apiServerPort: number;
  /** Told what could not be answered. */
  readonly progress: Progress;
}

/** kube-proxy, and what gives Services of type LoadBalancer their addresses, in one: addresses of this machine that are forwarded. */
export class ServiceProxy {
  readonly #options: ServiceProxyOptions;
  readonly services: Store<LabService>;
  readonly slices: Store<LabEndpointSlice>;
  /** By `address:port`. */
  readonly #forwarders = new Map<string, TcpForwarder>();
  readonly #addresses = new Set<string>();
  #running: Promise<void> | undefined;
  #isDirty = false;
  #isStopped = false;

  constructor(options: ServiceProxyOptions) {
    const { objects, kubeconfig } = options;
    this.#options = options;
    const onChange = { see: () => this.#changed(), gone: () => this.#changed() };
    this.services = new Store(objects, kubeconfig, '/api/v1/services', onChange);
    this.slices = new Store(objects, kubeconfig, '/apis/discovery.k8s.io/v1/endpointslices', onChange);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all([this.services.stop(), this.slices.stop()]);
    await this.#running;
    for (const forwarder of this.#forwarders.values()) forwarder.close();
  }

  #changed(): void {
    this.#isDirty = true;
    this.#running ??= this.#work().finally(() => {
      this.#running = undefined;
    });
  }

  async #work(): Promise<void> {
    while (this.#isDirty && !this.#isStopped) {
      this.#isDirty = false;
      // What comes in the same turn is done at once.
      await new Promise(resolve => setImmediate(resolve));
      try {
        await this.#assign();
        await this.#forward();
      } catch (error) {
        this.#options.progress(`Services are not up to date: ${(error as Error).message}`);
      }
    }
  }

  async #assign(): Promise<void> {
    const { objects, network } = this.#options;
    for (const { service, address } of assignments(this.services.list(), network.loadBalancers)) {
      const { namespace, name } = service.metadata;
      const path = `/api/v1/namespaces/${namespace}/services/${name}/status`;
      const loadBalancer = address === undefined ? null : { ingress: [{ ip: address, ipMode: 'VIP' }] };
      // One that is gone meanwhile is seen to be.
      await objects
        .ask('PATCH', path, { status: { loadBalancer } }, 'application/merge-patch+json')
        .catch(() => undefined);
    }
  }

  async #forward(): Promise<void> {
    const { network, apiServerPort } = this.#options;
    const wanted = forwardsOf(this.services.list(), slicesByService(this.slices.list()), {
      loadBalancers: network.loadBalancers,
      nodeAddress: network.hostAddress,
      apiServer: { address: '127.0.0.1', port: apiServerPort },
    });
    const keys = new Set(wanted.map(keyOf));
    for (const [key, forwarder] of this.#forwarders) {
      if (keys.has(key)) continue;
      forwarder.close();
      this.#forwarders.delete(key);
    }
    const addresses = new Set(
      wanted.map(({ at }) => at.address).filter(each => each !== network.hostAddress),
    );
    for (const address of this.#addresses) {
      if (addresses.has(address)) continue;
      await network.removeAddress(address);
      this.#addresses.delete(address);
    }
    for (const address of addresses) {
      if (this.#addresses.has(address)) continue;
      await network.addAddress(address);
      this.#addresses.add(address);
    }
    for (const forward of wanted)
      await this.#forwarderOf(forward)
        .forwardTo(forward.to)
        .catch(error => this.#options.progress(`${keyOf(forward)} is not answered: ${error.message}`));
  }

  #forwarderOf(forward: Forward): TcpForwarder {
    const key = keyOf(forward);
    const known = this.#forwarders.get(key);
    if (known !== undefined) return known;
    const made = new TcpForwarder(forward.at);
    this.#forwarders.set(key, made);
    return made;
  }
}

function keyOf({ at }: Forward): string {
  return `${at.address}:${at.port}`;
}
