import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { isOrphaned, owner } from '../owned.ts';
import { Range } from './range.ts';

const run = promisify(execFile);

/** Where a Pod's processes run: a network namespace with one address. */
export interface PodPlace {
  readonly namespace: string;
  readonly address: string;
}

/**
 * A bridge of this machine with a network namespace for each Pod, 10.244.N.0/24; the machine itself is .1, so that tests reach
 * Pods, and Pods each other, without forwarding. N also says which addresses Services have: labs of one time have different
 * ones. Needs root.
 */
export class PodNetwork {
  readonly #bridge: string;
  readonly #prefix: string;
  readonly #numbers = new Map<PodPlace, number>();
  /** Of the Pod that was added last. */
  #last = 1;
  /** ClusterIPs. */
  readonly services: Range;
  /** Addresses of Services of type LoadBalancer. */
  readonly loadBalancers: Range;

  private constructor(number: number) {
    this.#bridge = bridgeName(number);
    this.#prefix = `10.244.${number}`;
    // 1022 each, from 10.96.0.0 and 10.100.0.0.
    this.services = new Range((10 << 24) + (96 << 16) + number * 1024, 22);
    this.loadBalancers = new Range((10 << 24) + (100 << 16) + number * 1024, 22);
  }

  /** Address of this machine that Pods reach. */
  get hostAddress(): string {
    return `${this.#prefix}.1`;
  }

  /** Where Pods reach the API server: the first of the ClusterIPs is the Service `kubernetes`. */
  get kubernetes(): { readonly host: string; readonly port: number } {
    return { host: this.services.at(1), port: 443 };
  }

  /** An address of this machine, reached from it and from Pods, until the network is closed. */
  async addAddress(address: string): Promise<void> {
    await ip('addr', 'replace', `${address}/32`, 'dev', this.#bridge);
  }

  async removeAddress(address: string): Promise<void> {
    await ip('addr', 'del', `${address}/32`, 'dev', this.#bridge).catch(() => undefined);
  }

  static async create(): Promise<PodNetwork> {
    await removeOrphans();
    const first = Math.floor(Math.random() * 254);
    for (let attempt = 0; attempt < 254; attempt++) {
      const number = 1 + ((first + attempt) % 254);
      const network = new PodNetwork(number);
      try {
        // Says whose it is: names of interfaces are too short for that.
        await ip('link', 'add', bridgeName(number), 'type', 'bridge');
      } catch (cause) {
        if (/File exists/.test(String((cause as Error).message))) continue;
        throw new Error('Pods need network namespaces: run as root (CAP_NET_ADMIN), with iproute2', {
          cause,
        });
      }
      await ip('link', 'set', bridgeName(number), 'alias', owner);
      await ip('addr', 'add', `${network.hostAddress}/24`, 'dev', bridgeName(number));
      await ip('link', 'set', bridgeName(number), 'up');
      return network;
    }
    throw new Error('no free network for Pods: 254 cluster labs run already');
  }

  async add(): Promise<PodPlace> {
    const number = this.#freeNumber();
    const namespace = `${owner}${this.#prefix}.${number}`;
    const place = { namespace, address: `${this.#prefix}.${number}` };
    this.#numbers.set(place, number);
    const link = `${this.#bridge}-${number}`;
    await ip('netns', 'add', namespace);
    await ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
    await ip('link', 'set', link, 'master', this.#bridge, 'up');
    await ip('-n', namespace, 'addr', 'add', `${place.address}/24`, 'dev', 'eth0');
    await ip('-n', namespace, 'link', 'set', 'lo', 'up');
    await ip('-n', namespace, 'link', 'set', 'eth0', 'up');
    await ip('-n', namespace, 'route', 'add', 'default', 'via', this.hostAddress);
    return place;
  }

  /** Not one that was free just now: somebody may still take it for the Pod before. */
  #freeNumber(): number {
    const taken = new Set(this.#numbers.values());
    for (let attempt = 0; attempt < 253; attempt++) {
      const number = 2 + ((this.#last - 1 + attempt) % 253);
      if (taken.has(number)) continue;
      this.#last = number;
      return number;
    }
    throw new Error('a cluster lab has 253 Pods at most');
  }

  async remove(place: PodPlace): Promise<void> {
    // The link goes with its namespace, but later; the next Pod may get the same name.
    await ip('link', 'del', `${this.#bridge}-${this.#numbers.get(place)}`).catch(() => undefined);
    await removeNamespace(place.namespace);
    // Else what connects to it now waits for a minute.
    await ip('neigh', 'flush', 'to', place.address, 'dev', this.#bridge).catch(() => undefined);
    this.#numbers.delete(place);
  }

  async close(): Promise<void> {
    for (const place of this.#numbers.keys()) await this.remove(place);
    await ip('link', 'del', this.#bridge).catch(() => undefined);
  }
}

/** The command that runs another one there. */
export function within({ namespace }: PodPlace, command: readonly string[]): [string, ...string[]] {
  return ['ip', 'netns', 'exec', namespace, ...command];
}

/** Those of labs that were killed. */
async function removeOrphans(): Promise<void> {
  const spaces = JSON.parse((await ip('-j', 'netns', 'list')) || '[]') as { name: string }[];
  for (const { name } of spaces.filter(space => isOrphaned(space.name))) await removeNamespace(name);
  const links = JSON.parse((await ip('-j', 'link', 'show', 'type', 'bridge')) || '[]') as {
    ifname?: string;
    ifalias?: string;
  }[];
  for (const { ifname, ifalias } of links)
    if (ifname !== undefined && ifalias !== undefined && isOrphaned(ifalias))
      await ip('link', 'del', ifname).catch(() => undefined);
}

/** With what still runs there: what a container's process has started, and left. */
async function removeNamespace(name: string): Promise<void> {
  const pids = await ip('netns', 'pids', name).catch(() => '');
  for (const pid of pids.split('\n').filter(line => line !== ''))
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  await ip('netns', 'del', name).catch(() => undefined);
}

function bridgeName(number: number): string {
  return `bwlab${number}`;
}

async function ip(...args: string[]): Promise<string> {
  return (await run('ip', args)).stdout.trim();
}
