import {
  type ConnectionOptions,
  checkServerIdentity,
  createSecureContext,
  getCACertificates,
  type PeerCertificate,
} from 'node:tls';
import type { BackendTls } from '../plan/index.ts';

/** What node:tls needs to speak to a backend as its policy says; made once for all of its connections. */
export function backendTlsOptions(tls: BackendTls): ConnectionOptions {
  const { serverName, caPem, clientCertificate, subjectAltNames } = tls;
  return {
    servername: serverName,
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: true,
    secureContext: createSecureContext({
      ca: caPem ?? getCACertificates('system'),
      ...(clientCertificate && {
        cert: clientCertificate.certChainPem,
        key: clientCertificate.privateKeyPem,
      }),
    }),
    checkServerIdentity: (_, certificate) =>
      subjectAltNames.length === 0
        ? checkServerIdentity(serverName, certificate)
        : nameError(subjectAltNames, certificate),
  };
}

/** "The certificate must have at least one Subject Alternate Name that matches" (BackendTLSPolicyValidation.subjectAltNames). */
function nameError(wanted: BackendTls['subjectAltNames'], certificate: PeerCertificate): Error | undefined {
  const has = namesOf(certificate);
  for (const { type, value } of wanted) {
    if (has.has(`${type}:${value}`)) return undefined;
    if (type === 'DNS' && checkServerIdentity(value, certificate) === undefined) return undefined;
  }
  const names = wanted.map(({ type, value }) => `${type}:${value}`).join(', ');
  return new Error(`the certificate has none of the names ${names}, it has ${[...has].join(', ') || 'none'}`);
}

/** `DNS:a.example, URI:spiffe://a/b`; a name with characters that could be taken for others is a JSON string. */
function namesOf({ subjectaltname = '' }: PeerCertificate): Set<string> {
  const names = subjectaltname.matchAll(/(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)/g);
  return new Set(
    [...names].map(([, type, name = '']) => `${type}:${name.startsWith('"') ? JSON.parse(name) : name}`),
  );
}
