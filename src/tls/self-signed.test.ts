import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { createSecureContext } from 'node:tls';
import { selfSigned } from './self-signed.ts';

test('a certificate of any length is one that TLS takes, from its date on for ten years', () => {
  const from = new Date('2016-05-26T21:39:47.5Z');
  for (let length = 1; length <= 64; length++) {
    const name = 'x'.repeat(length);
    const pair = selfSigned(name, from);
    createSecureContext(pair);
    const certificate = new X509Certificate(pair.cert);
    assert.equal(certificate.subject, `CN=${name}`);
    assert.equal(certificate.validFromDate.toISOString(), '2016-05-26T21:39:47.000Z');
    assert.equal(certificate.validToDate.toISOString(), '2026-05-26T21:39:47.000Z');
    assert.ok(certificate.verify(certificate.publicKey));
  }
});
