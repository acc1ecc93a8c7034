import { readFileSync } from 'node:fs';

const folder = new URL('../testdata/', import.meta.url);

/** A Secret with one of the certificates of testdata/. */
export function secret(name: string, certificate: string): string {
  const data = (kind: string) =>
    readFileSync(new URL(`${certificate}.${kind}.pem`, folder)).toString('base64');
  return `apiVersion: v1
kind: Secret
metadata: { name: ${name} }
type: kubernetes.io/tls
data: { tls.crt: ${data('crt')}, tls.key: ${data('key')} }
`;
}
