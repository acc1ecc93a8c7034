export { gatewaySecrets, type Issued } from './gateway-secrets.ts';
export { CertificateStore } from './store.ts';
