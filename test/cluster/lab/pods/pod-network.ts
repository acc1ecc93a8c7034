import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { isOrphaned, owner } from '../owned.ts';

const run = promisify(execFile);

/** Where a Pod's processes run: a network namespace with one address. */
export interface PodPlace {
  readonly namespace: string;
  readonly address: string;
}

/**
 * A bridge of this machine with a network namespace for each Pod, 10.244.N.0/24; the machine itself is .1, so that tests reach
 * Pods, and Pods each other, without forwarding. Needs root.
 */
export class PodNetwork {
  readonly #bridge: string;
  readonly #prefix: string;
  readonly #numbers = new Map<PodPlace, number>();

  private constructor(number: number) {
    this.#bridge = bridgeName(number);
    this.#prefix = `10.244.${number}`;
  }

  /** Address of this machine that Pods reach. */
  get hostAddress(): string {
    return `${this.#prefix}.1`;
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
    const taken = new Set(this.#numbers.values());
    let number = 2;
    while (taken.has(number)) number++;
    if (number > 254) throw new Error('a cluster lab has 253 Pods at most');
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

  async remove(place: PodPlace): Promise<void> {
    // The link goes with its namespace, but later; the next Pod may get the same name.
    await ip('link', 'del', `${this.#bridge}-${this.#numbers.get(place)}`).catch(() => undefined);
    await ip('netns', 'del', place.namespace).catch(() => undefined);
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
  for (const { name } of spaces.filter(space => isOrphaned(space.name)))
    await ip('netns', 'del', name).catch(() => undefined);
  const links = JSON.parse((await ip('-j', 'link', 'show', 'type', 'bridge')) || '[]') as {
    ifname?: string;
    ifalias?: string;
  }[];
  for (const { ifname, ifalias } of links)
    if (ifname !== undefined && ifalias !== undefined && isOrphaned(ifalias))
      await ip('link', 'del', ifname).catch(() => undefined);
}

function bridgeName(number: number): string {
  return `bwlab${number}`;
}

async function ip(...args: string[]): Promise<string> {
  return (await run('ip', args)).stdout.trim();
}
