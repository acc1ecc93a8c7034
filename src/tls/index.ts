export { backendTlsOptions } from './backend-tls-options.ts';
export { type Authority, trustBundle } from './control-plane/authority.ts';
export { CERTIFICATE_TIMES, type CertificateTimes } from './control-plane/certificate-life.ts';
export {
  CONTROL_PLANE_NAME,
  type ControlPlaneCertificates,
  certificatesInSecret,
  renewedControlPlane,
  type SecretText,
  secretText,
} from './control-plane/control-plane-certificates.ts';
export {
  type GatewaySecretText,
  gatewaySecretText,
  gatewayUri,
} from './control-plane/gateway-certificate.ts';
export { SDS_CERTIFICATE, SDS_FOLDER, SDS_TRUST } from './control-plane/sds-names.ts';
export { type ControlPlaneTls, serverTls } from './mutual-tls.ts';
export { type ServerCertificate, selfSigned } from './self-signed.ts';
export { isUnverified } from './unverified.ts';
