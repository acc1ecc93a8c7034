import { ownAddressProblem } from '../../kernel/index.ts';
import type { LookUp } from './lookup.ts';

/**
 * Leaves out addresses that lead to this Pod or its machine: on a cluster a tenant may name what its DNS says they are, and
 * admin interfaces there trust whoever comes.
 */
export function notOwn(lookUp: LookUp, onEvent: (message: string, severity: 'warning') => void): LookUp {
  /** By name: names are asked for every few seconds. */
  const said = new Map<string, string>();
  return async name => {
    const resolved = await lookUp(name);
    const own = resolved.addresses.filter(address => ownAddressProblem(address) !== undefined);
    if (own.length === 0) {
      said.delete(name);
      return resolved;
    }
    if (said.get(name) !== own.join())
      onEvent(
        `${name} resolves to ${own.join(', ')}, which may be the gateway itself: nothing is sent there`,
        'warning',
      );
    said.set(name, own.join());
    return { ...resolved, addresses: resolved.addresses.filter(address => !own.includes(address)) };
  };
}
