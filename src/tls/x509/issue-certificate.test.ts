import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { issueCertificate } from './issue-certificate.ts';

const DAY_MS = 24 * 3600 * 1000;
const from = new Date(Date.now() - DAY_MS);
const until = new Date(Date.now() + DAY_MS);
const life = { notBefore: from, notAfter: until };
const authority = issueCertificate({ commonName: 'ca one', usage: 'authority', ...life });

test('an authority, and what it signs', () => {
  const server = issueCertificate(
    {
      commonName: 'server',
      usage: 'server',
      dnsNames: ['a.test', '*.b.test'],
      uris: ['spiffe://x/y'],
      ...life,
    },
    authority,
  );
  const ca = new X509Certificate(authority.cert);
  const cert = new X509Certificate(server.cert);
  assert.equal(ca.ca, true);
  assert.equal(cert.ca, false);
  assert.equal(cert.issuer, 'CN=ca one');
  assert.equal(cert.subject, 'CN=server');
  assert.equal(cert.subjectAltName, 'DNS:a.test, DNS:*.b.test, URI:spiffe://x/y');
  assert.deepEqual(cert.keyUsage, ['1.3.6.1.5.5.7.3.1']);
  assert.ok(cert.checkIssued(ca));
  assert.ok(cert.verify(ca.publicKey));
  assert.equal(cert.validToDate.getTime(), Math.floor(until.getTime() / 1000) * 1000);
});

/** Whether a server that asks for certificates takes this one. */
async function verdict(client: { cert: string; key: string }, ca: string): Promise<string> {
  const own = issueCertificate(
    { commonName: 's', usage: 'server', dnsNames: ['s.test'], ...life },
    authority,
  );
  const server = createServer({ ...own, ca, requestCert: true, rejectUnauthorized: false });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connect({ ...client, port, host: '127.0.0.1', ca: authority.cert, servername: 's.test' });
  const [[accepted]] = (await Promise.all([
    once(server, 'secureConnection'),
    once(socket, 'secureConnect'),
  ])) as [[TLSSocket], unknown];
  assert.equal(socket.authorized, true);
  socket.destroy();
  accepted.destroy();
  server.close();
  await once(server, 'close');
  return accepted.authorized ? 'taken' : String(accepted.authorizationError);
}

test('OpenSSL takes a client of the authority, by its usage and its time, also among several authorities', async () => {
  const other = issueCertificate({ commonName: 'ca two', usage: 'authority', ...life });
  const both = other.cert + authority.cert;
  const client = issueCertificate({ commonName: 'c', usage: 'client', ...life }, authority);
  assert.equal(await verdict(client, both), 'taken');
  assert.match(await verdict(client, other.cert), /SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_GET_ISSUER_CERT/);
  const wrong = issueCertificate({ commonName: 'c', usage: 'server', ...life }, authority);
  assert.equal(await verdict(wrong, both), 'INVALID_PURPOSE');
  const old = { notBefore: new Date(from.getTime() - DAY_MS), notAfter: from };
  const expired = issueCertificate({ commonName: 'c', usage: 'client', ...old }, authority);
  assert.equal(await verdict(expired, both), 'CERT_HAS_EXPIRED');
});
