import type { TLSSocket } from 'node:tls';

/**
 * Whether the other side has shown no certificate that is valid. Asked once, at the end of the handshake of every connection
 * where one is looked at, with `rejectUnauthorized: false`: a signature that is not right leaves its error in OpenSSL's queue of
 * this thread, where the next reader of any connection takes it for its own. Of Node's functions, asking for the certificate
 * empties that queue.
 */
export function isUnverified(socket: TLSSocket): boolean {
  if (socket.authorized) return false;
  socket.getPeerCertificate();
  return true;
}
