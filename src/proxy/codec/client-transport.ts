/** @property serverName of the TLS handshake, in lower case; '' where there was none */
export type ClientTransport =
  | { readonly scheme: 'http' }
  | { readonly scheme: 'https'; readonly serverName: string };
