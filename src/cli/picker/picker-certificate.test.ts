import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { selfSigned } from '../../tls/index.ts';
import { servingCertificate } from './picker-certificate.ts';

const folder = mkdtempSync(join(tmpdir(), 'breakwater-certificate-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('without a folder it signs one itself, which verifies', () => {
  const certificate = new X509Certificate(servingCertificate(undefined).cert);
  assert.equal(certificate.subject, 'CN=breakwater-picker');
  assert.ok(certificate.verify(certificate.publicKey));
  assert.ok(certificate.validToDate.getTime() > Date.now() + 9 * 365 * 86_400_000);
  assert.ok(certificate.validFromDate.getTime() <= Date.now());
});

test('a folder as a mounted Secret has it: a pair that belongs together', () => {
  assert.throws(() => servingCertificate(folder), { code: 'BW_USAGE', message: /tls\.crt/ });
  const pair = selfSigned('a', new Date());
  writeFileSync(join(folder, 'tls.crt'), pair.cert);
  writeFileSync(join(folder, 'tls.key'), selfSigned('b', new Date()).key);
  assert.throws(() => servingCertificate(folder), { code: 'BW_USAGE' });
  writeFileSync(join(folder, 'tls.key'), pair.key);
  assert.deepEqual(servingCertificate(folder), pair);
});
