import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { issueCertificate } from '../x509/issue-certificate.ts';
import { trustBundle } from './authority.ts';
import { type CertificateTimes, certificatesIn } from './certificate-life.ts';
import {
  CONTROL_PLANE_NAME,
  type ControlPlaneCertificates,
  certificatesInSecret,
  type Renewed,
  renewedControlPlane,
  secretText,
} from './control-plane-certificates.ts';
import { gatewaySecretText } from './gateway-certificate.ts';

const SECOND_MS = 1000;
/** Seconds in place of days; certificates count in whole ones. */
const TIMES: CertificateTimes = {
  authorityLifeMs: 600 * SECOND_MS,
  lifeMs: 90 * SECOND_MS,
  backdateMs: 2 * SECOND_MS,
  publishMs: 20 * SECOND_MS,
};
const START_MS = Date.UTC(2030, 0, 1);

/** OpenSSL's verification, as far as it is about time and signature. */
function isTrusted(pem: string, bundle: string, nowMs: number): boolean {
  const now = (certificate: X509Certificate) =>
    certificate.validFromDate.getTime() <= nowMs && nowMs < certificate.validToDate.getTime();
  const certificate = new X509Certificate(pem);
  return (
    now(certificate) &&
    certificatesIn(bundle)
      .map(one => new X509Certificate(one))
      .some(one => now(one) && certificate.checkIssued(one) && certificate.verify(one.publicKey))
  );
}

const first = (nowMs = START_MS) => renewedControlPlane(undefined, nowMs, TIMES);
const again = (from: Renewed, nowMs: number) =>
  renewedControlPlane(secretText(from.certificates), nowMs, TIMES);

test('a Secret is made whole, and changes no more until it is due', () => {
  const made = first();
  assert.deepEqual(made.changes, [
    'a new authority signs',
    "the server's certificate is made anew: there is none",
  ]);
  assert.equal(
    new X509Certificate(made.certificates.server.cert).subjectAltName,
    `DNS:${CONTROL_PLANE_NAME}`,
  );
  assert.deepEqual(again(made, made.dueMs - 1).changes, []);
  assert.deepEqual(again(made, made.dueMs - 1).certificates, made.certificates);
  // Two thirds of 92 s, which began 2 s before.
  assert.ok(Math.abs(made.dueMs - (START_MS + (92 * 2 * SECOND_MS) / 3 - 2 * SECOND_MS)) < SECOND_MS);
  assert.deepEqual(again(made, made.dueMs).changes, [
    "the server's certificate is made anew: two thirds of its life are over",
  ]);
});

test('what is broken is mended', () => {
  const made = first();
  const text = secretText(made.certificates);
  const mended = (change: Record<string, string | undefined>) =>
    renewedControlPlane({ ...text, ...change }, START_MS, TIMES).changes;
  const anew = "the server's certificate is made anew: ";
  assert.deepEqual(mended({ 'tls.crt': 'garbage' }), [`${anew}there is none`]);
  assert.deepEqual(mended({ 'tls.key': secretText(first().certificates)['tls.key'] }), [
    `${anew}its key is another one`,
  ]);
  const stranger = secretText(first(START_MS + SECOND_MS).certificates);
  assert.deepEqual(mended({ 'tls.crt': stranger['tls.crt'], 'tls.key': stranger['tls.key'] }), [
    `${anew}nobody who is trusted has signed it`,
  ]);
  const lost = [
    'its authority cannot be read: a new one signs',
    `${anew}nobody who is trusted has signed it`,
  ];
  assert.deepEqual(mended({ 'ca.key': undefined }), lost);
  assert.deepEqual(mended({ 'ca.crt': 'garbage' }), lost);
  assert.equal(certificatesInSecret({ ...text, 'tls.key': 'garbage' }), undefined);
  assert.deepEqual(certificatesInSecret(text), made.certificates);
});

test('after years without anybody: everything is made anew', () => {
  const made = first();
  const late = again(made, START_MS + 10 * TIMES.authorityLifeMs);
  assert.deepEqual(late.changes, [
    'the next authority signs from now on',
    "the server's certificate is made anew: nobody who is trusted has signed it",
  ]);
  assert.deepEqual(late.certificates.authority.retired, []);
});

test('the certificate of a Gateway says which it is, and is made anew when it is another one’s', () => {
  const { authority } = first().certificates;
  const one = gatewaySecretText('ns/one', [], authority, START_MS, TIMES);
  assert.equal(
    new X509Certificate(one['tls.crt']).subjectAltName,
    'URI:spiffe://breakwater/ns/ns/gateway/one',
  );
  assert.deepEqual(gatewaySecretText('ns/one', [one], authority, START_MS, TIMES), one);
  assert.notDeepEqual(gatewaySecretText('ns/two', [one], authority, START_MS, TIMES), one);
  const self = issueCertificate({
    commonName: 'x',
    usage: 'client',
    uris: ['spiffe://breakwater/ns/ns/gateway/one'],
    notBefore: new Date(START_MS),
    notAfter: new Date(START_MS + TIMES.lifeMs),
  });
  const forged = { 'tls.crt': self.cert, 'tls.key': self.key };
  assert.notEqual(gatewaySecretText('ns/one', [forged], authority, START_MS, TIMES)['tls.crt'], self.cert);
});

test('through three authorities: whoever has yesterday’s Secret and who has today’s trust each other at any time', () => {
  let server: ControlPlaneCertificates = first().certificates;
  let client = gatewaySecretText('ns/one', [], server.authority, START_MS, TIMES);
  /** Who has not heard of a change yet. */
  const lag = TIMES.publishMs - 2 * SECOND_MS;
  const seen: { readonly atMs: number; server: typeof server; client: typeof client }[] = [];
  const authorities = new Set<string>();
  for (let nowMs = START_MS; nowMs < START_MS + 4 * TIMES.authorityLifeMs; nowMs += 3 * SECOND_MS) {
    server = renewedControlPlane(secretText(server), nowMs, TIMES).certificates;
    client = gatewaySecretText('ns/one', [client], server.authority, nowMs, TIMES);
    seen.push({ atMs: nowMs, server, client });
    while ((seen[0]?.atMs ?? 0) < nowMs - lag) seen.shift();
    const old = seen[0]!;
    authorities.add(server.authority.issuer.cert);
    const at = `after ${(nowMs - START_MS) / SECOND_MS} s`;
    assert.ok(isTrusted(server.server.cert, old.client['ca.crt'], nowMs), `old client, new server, ${at}`);
    assert.ok(isTrusted(old.server.server.cert, client['ca.crt'], nowMs), `new client, old server, ${at}`);
    assert.ok(isTrusted(client['tls.crt'], trustBundle(old.server.authority), nowMs), `old server ${at}`);
    assert.ok(isTrusted(old.client['tls.crt'], trustBundle(server.authority), nowMs), `new server ${at}`);
    assert.ok(certificatesIn(client['ca.crt']).length <= 3, `trusts few, ${at}`);
  }
  assert.ok(authorities.size >= 4, `${authorities.size} authorities`);
});
