import type { SecureContextOptions, TLSSocket } from 'node:tls';
import type { ServerCertificate } from './self-signed.ts';

/** PEM. Both sides show a certificate that one of these authorities has signed. */
export interface ControlPlaneTls extends ServerCertificate {
  readonly ca: string;
}

/**
 * What a server is made with that asks clients for a certificate. Node drops a client without a good one and says nothing of
 * it: it is let in here, so that {@link untrusted} can say why it is turned away.
 */
function mutualTls({ cert, key, ca }: ControlPlaneTls): SecureContextOptions & {
  readonly requestCert: true;
  readonly rejectUnauthorized: false;
} {
  return { cert, key, ca, requestCert: true, rejectUnauthorized: false };
}

/** Why a client is not who it must be, in OpenSSL's words; undefined: it is. */
function untrusted(socket: TLSSocket): string | undefined {
  if (socket.authorized) return undefined;
  // Node's types say Error; it is the code of the verification's result.
  const error: unknown = socket.authorizationError;
  const code = error instanceof Error ? error.message : String(error ?? 'no certificate');
  const { valid_to: until } = socket.getPeerCertificate() as { readonly valid_to?: string };
  return `its certificate is not accepted: ${code}${until === undefined ? '' : ` (valid until ${until})`}`;
}

/** The URIs that the client's certificate is for (subjectAltName). */
function urisOf(socket: TLSSocket): string[] {
  const { subjectaltname = '' } = socket.getPeerCertificate() as { readonly subjectaltname?: string };
  return subjectaltname.split(', ').flatMap(name => (name.startsWith('URI:') ? [name.slice(4)] : []));
}

/** What a server of the control plane is made with: with authorities, clients must show a certificate and are told apart by it. */
export function serverTls(tls: ServerCertificate | ControlPlaneTls): {
  readonly options: SecureContextOptions;
  readonly identify?: (
    socket: TLSSocket,
  ) => { readonly uris: readonly string[] } | { readonly refused: string };
} {
  return 'ca' in tls ? { options: mutualTls(tls), identify } : { options: { cert: tls.cert, key: tls.key } };
}

function identify(socket: TLSSocket): { readonly uris: readonly string[] } | { readonly refused: string } {
  const refused = untrusted(socket);
  return refused === undefined ? { uris: urisOf(socket) } : { refused };
}
