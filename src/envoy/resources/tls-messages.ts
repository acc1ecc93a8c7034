import type { MessageInitShape } from '@bufbuild/protobuf';
import type { BackendTls, Certificate, ClientValidation } from '../../plan/index.ts';
import { packAny } from '../any.ts';
import type { TransportSocketSchema } from '../gen/envoy/config/core/v3/base_pb.ts';
import {
  type CertificateValidationContextSchema,
  CertificateValidationContext_TrustChainVerification as Chain,
  SubjectAltNameMatcher_SanType as SanType,
  type TlsCertificateSchema,
} from '../gen/envoy/extensions/transport_sockets/tls/v3/common_pb.ts';
import { UpstreamTlsContextSchema } from '../gen/envoy/extensions/transport_sockets/tls/v3/tls_pb.ts';

export const TLS_SOCKET = 'envoy.transport_sockets.tls';

/** In Envoy's image, and in Debian's: Envoy Gateway's choice. Envoy takes no names to check with its `system_root_certs`. */
const SYSTEM_CA_PATH = '/etc/ssl/certs/ca-certificates.crt';

const inline = (value: string) => ({ specifier: { case: 'inlineString' as const, value } });

export function tlsCertificate({
  certChainPem,
  privateKeyPem,
}: Certificate): MessageInitShape<typeof TlsCertificateSchema> {
  return { certificateChain: inline(certChainPem), privateKey: inline(privateKeyPem) };
}

type Validation = MessageInitShape<typeof CertificateValidationContextSchema>;

/** What clients' certificates are checked against; without `required`, any will do. */
export function clientTrust({ caPem, required }: ClientValidation): Validation {
  return {
    trustedCa: inline(caPem),
    ...(!required && { trustChainVerification: Chain.ACCEPT_UNTRUSTED }),
  };
}

/** TLS to the backends of a cluster. */
export function upstreamTls(
  tls: BackendTls,
  protocol: 'h2' | 'http/1.1',
): MessageInitShape<typeof TransportSocketSchema> {
  const { serverName, clientCertificate } = tls;
  return {
    name: TLS_SOCKET,
    configType: {
      case: 'typedConfig',
      value: packAny(UpstreamTlsContextSchema, {
        sni: serverName,
        commonTlsContext: {
          alpnProtocols: [protocol],
          ...(clientCertificate && { tlsCertificates: [tlsCertificate(clientCertificate)] }),
          validationContextType: { case: 'validationContext', value: backendTrust(tls) },
        },
      }),
    },
  };
}

function backendTrust({ serverName, caPem, subjectAltNames }: BackendTls): Validation {
  const names =
    subjectAltNames.length === 0 ? [{ type: 'DNS' as const, value: serverName }] : subjectAltNames;
  return {
    trustedCa:
      caPem === undefined
        ? { specifier: { case: 'filename' as const, value: SYSTEM_CA_PATH } }
        : inline(caPem),
    matchTypedSubjectAltNames: names.map(({ type, value }) => ({
      sanType: SanType[type],
      matcher: { matchPattern: { case: 'exact' as const, value } },
    })),
  };
}
