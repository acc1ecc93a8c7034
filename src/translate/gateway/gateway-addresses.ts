import type { ServerReport } from '../../plan/index.ts';

/** An address with a port that is not the listener's (Gateway API, AddressType: implementation-specific types have a domain). */
const ADDRESS_AND_PORT = 'breakwater.dev/address-and-port';

/** Gateway API, GatewayStatusAddress */
export interface Address {
  readonly type: string;
  readonly value: string;
}

/** The bound addresses, each once: an IP alone where it is bound to the listener's own port. */
export function boundAddresses(reports: readonly ServerReport[]): Address[] {
  const addresses = new Map<string, Address>();
  for (const { name, bound } of reports) {
    if (bound === undefined) continue;
    const asked = Number(name.slice(name.lastIndexOf('/') + 1));
    const host = bound.address.includes(':') ? `[${bound.address}]` : bound.address;
    const address =
      bound.port === asked
        ? { type: 'IPAddress', value: bound.address }
        : { type: ADDRESS_AND_PORT, value: `${host}:${bound.port}` };
    addresses.set(address.value, address);
  }
  return [...addresses.values()];
}
