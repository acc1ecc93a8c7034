import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Makes the API server's certificate, which is its own authority, for its names and these addresses. */
export async function makeCertificate(
  key: string,
  certificate: string,
  addresses: readonly string[],
): Promise<void> {
  const services = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];
  const names = [...services, 'kubernetes.default.svc.cluster.local', 'localhost'];
  const alternatives = [...names.map(name => `DNS:${name}`), ...addresses.map(address => `IP:${address}`)];
  await promisify(execFile)('openssl', [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '3650',
    '-subj',
    '/CN=kube-apiserver',
    '-addext',
    `subjectAltName=${alternatives.join(',')}`,
    '-keyout',
    key,
    '-out',
    certificate,
  ]);
}
