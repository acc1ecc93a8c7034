export { trustBundle } from './authority.ts';
export type { ControlPlaneCertificates } from './control-plane.ts';
export { gatewayUri } from './gateway.ts';
export { gatewaySecrets, type Issued } from './gateway-secrets.ts';
export { CERTIFICATE_TIMES } from './life.ts';
export { CertificateStore } from './store.ts';
