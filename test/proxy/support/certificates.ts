import { readFileSync } from 'node:fs';

const folder = new URL('../testdata/', import.meta.url);

/** One of the certificates of testdata/. */
export function pem(certificate: string, kind: 'crt' | 'key'): string {
  return readFileSync(new URL(`${certificate}.${kind}.pem`, folder), 'utf8');
}

/** A Secret with one of them. */
export function secret(name: string, certificate: string): string {
  const data = (kind: 'crt' | 'key') => Buffer.from(pem(certificate, kind)).toString('base64');
  return `apiVersion: v1
kind: Secret
metadata: { name: ${name} }
type: kubernetes.io/tls
data: { tls.crt: ${data('crt')}, tls.key: ${data('key')} }
`;
}

/** A ConfigMap that says to trust one of them. */
export function caConfigMap(name: string, certificate: string): string {
  return `apiVersion: v1
kind: ConfigMap
metadata: { name: ${name} }
data: { ca.crt: ${JSON.stringify(pem(certificate, 'crt'))} }
`;
}
