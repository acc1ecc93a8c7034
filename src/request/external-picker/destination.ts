/** What a picker names in `x-gateway-destination-endpoint`: the first, then fallbacks. */
export interface Destinations {
  /** Indexes into the pool's endpoints, in the picker's order. */
  readonly indexes: readonly number[];
  /** Addresses of nobody in the pool: never gone to, whoever names them. */
  readonly outside: readonly string[];
  /** What is no address at all. */
  readonly malformed: readonly string[];
}

const ADDRESS = /^(?:\[[0-9a-fA-F:.]+\]|[^\s:[\]]+):[0-9]{1,5}$/;

/**
 * 004-endpoint-picker-protocol, "Destination Endpoint": `ADDRESS:PORT`, several by commas.
 * @param indexOf of an endpoint by its id
 */
export function readDestinations(text: string, indexOf: ReadonlyMap<string, number>): Destinations {
  const indexes: number[] = [];
  const outside: string[] = [];
  const malformed: string[] = [];
  for (const part of text.split(',')) {
    const id = part.trim();
    const index = indexOf.get(id);
    if (index !== undefined) {
      if (!indexes.includes(index)) indexes.push(index);
    } else if (ADDRESS.test(id)) outside.push(id);
    else malformed.push(id);
  }
  return { indexes, outside, malformed };
}
