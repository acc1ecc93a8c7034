import { lookup as lookupOfSystem, Resolver } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';

/** What a name leads to. No addresses: the name is known to have none. */
export interface Resolved {
  readonly addresses: readonly string[];
  /** How long that may be believed; absent: nobody says. */
  readonly ttlMs?: number;
}

/** @throws Error when it cannot be found out: what was known of the name goes on to be believed */
export type LookUp = (name: string) => Promise<Resolved>;

export interface LookUpOptions {
  /** `ADDRESS:PORT` of DNS servers; default: the system's. */
  readonly servers?: readonly string[];
  /** Default: `/etc/hosts`. */
  readonly hostsFile?: string;
  /** Asked for what DNS does not have by that very name, as with search domains. Default: getaddrinfo. */
  readonly system?: (name: string) => Promise<readonly string[]>;
}

/** Envoy's c-ares resolver waits as long for each. */
const QUERY_TIMEOUT_MS = 5000;
const TRIES = 2;
const HOSTS_FILE = '/etc/hosts';
/** Of one name. More are left out: each has rows in the tables that all share. */
const MAX_ADDRESSES = 128;

/** A server says with these that there is nothing of the name; all else is a failure. */
const NO_RECORDS: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA', 'NOTFOUND', 'NODATA']);

/**
 * All addresses of a name: the hosts file, then DNS, then what else the system knows, as Envoy's resolver does it with
 * `dns_lookup_family` V4_PREFERRED (Envoy Gateway's default): IPv6 addresses where there is none of IPv4.
 */
export function lookUpWith({ servers, hostsFile = HOSTS_FILE, system = askSystem }: LookUpOptions): LookUp {
  return async name => {
    const listed = inHosts(await textOf(hostsFile), name);
    if (listed.length > 0) return { addresses: preferred(listed) };
    // Made anew: the system's servers may have changed.
    const resolver = new Resolver({ timeout: QUERY_TIMEOUT_MS, tries: TRIES });
    if (servers !== undefined) resolver.setServers([...servers]);
    try {
      const four = await records(resolver.resolve4(name, { ttl: true }));
      const found = four.length > 0 ? four : await records(resolver.resolve6(name, { ttl: true }));
      if (found.length === 0) return { addresses: preferred(await system(name)) };
      return {
        addresses: bounded(found.map(({ address }) => address)),
        ttlMs: found.reduce((least, { ttl }) => Math.min(least, ttl), Number.MAX_SAFE_INTEGER) * 1000,
      };
    } catch (error) {
      // Where DNS cannot be asked, what the system finds in another way is believed; that it finds nothing is not.
      const addresses = preferred(await system(name).catch(() => []));
      if (addresses.length === 0) throw error;
      return { addresses };
    }
  };
}

async function records<T>(answer: Promise<T[]>): Promise<T[]> {
  try {
    return await answer;
  } catch (error) {
    if (NO_RECORDS.has((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

async function askSystem(name: string): Promise<readonly string[]> {
  try {
    return (await lookupOfSystem(name, { all: true })).map(({ address }) => address);
  } catch (error) {
    if (NO_RECORDS.has((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

function preferred(addresses: readonly string[]): readonly string[] {
  const four = addresses.filter(address => isIP(address) === 4);
  return bounded(four.length > 0 ? four : addresses);
}

/** In one order, each once: so that the same set is the same list. */
function bounded(addresses: readonly string[]): readonly string[] {
  return [...new Set(addresses)].sort().slice(0, MAX_ADDRESSES);
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return '';
  }
}

/** hosts(5): an address, then its names, by blanks; `#` begins a comment. */
function inHosts(text: string, name: string): string[] {
  const wanted = name.toLowerCase().replace(/\.$/, '');
  const addresses: string[] = [];
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line
      .split('#', 1)[0]!
      .trim()
      .split(/[ \t]+/);
    if (isIP(address) !== 0 && names.some(each => each.toLowerCase() === wanted)) addresses.push(address);
  }
  return addresses;
}
