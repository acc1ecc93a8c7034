/** `ADDRESS:PORT`, IPv6 in brackets. */
export function addressId({ address, port }: { readonly address: string; readonly port: number }): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** Names an endpoint's row: `OWNER#ENDPOINT`, the owner being a pool, a cluster or a scope. */
export function endpointKey(owner: string, endpoint: string): string {
  return `${owner}#${endpoint}`;
}
