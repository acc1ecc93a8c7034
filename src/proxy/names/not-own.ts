import { ownAddressProblem } from '../../kernel/index.ts';
import type { LookUp } from './lookup.ts';

/** Whose an address is that requests must not be sent to, as the end of a sentence; undefined: it is nobody's. */
export type OwnerOf = (address: string) => string | undefined;

/**
 * Leaves out addresses that lead to this Pod or its machine, where admin interfaces trust whoever comes, and those of Gateways, where
 * requests would go round in circles: on a cluster a tenant may name what its DNS says they are.
 */
export function notOwn(
  lookUp: LookUp,
  onEvent: (message: string, severity: 'warning') => void,
  ownerOf: OwnerOf,
): LookUp {
  /** By name: names are asked for every few seconds. */
  const said = new Map<string, string>();
  return async name => {
    const resolved = await lookUp(name);
    const why = (address: string) => ownAddressProblem(address) ?? ownerOf(address);
    const own = resolved.addresses.filter(address => why(address) !== undefined);
    if (own.length === 0) {
      said.delete(name);
      return resolved;
    }
    if (said.get(name) !== own.join())
      onEvent(
        `${name} resolves to ${own.join(', ')}, which may be the gateway itself (${why(own[0]!)}): nothing is sent there`,
        'warning',
      );
    said.set(name, own.join());
    return { ...resolved, addresses: resolved.addresses.filter(address => !own.includes(address)) };
  };
}
