/** `ADDRESS:PORT`, IPv6 in brackets. */
export function addressId({ address, port }: { readonly address: string; readonly port: number }): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}
