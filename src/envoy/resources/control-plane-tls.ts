import type { MessageInitShape } from '@bufbuild/protobuf';
import { packAny } from '../any.ts';
import type { TransportSocketSchema } from '../gen/envoy/config/core/v3/base_pb.ts';
import { ApiVersion } from '../gen/envoy/config/core/v3/config_source_pb.ts';
import { UpstreamTlsContextSchema } from '../gen/envoy/extensions/transport_sockets/tls/v3/tls_pb.ts';
import { TLS_SOCKET } from './tls.ts';

/**
 * Where the Pod of an Envoy has the SDS resources by which it and the control plane know each other; its bootstrap names the same
 * files. Envoy Gateway's paths. They name the files of a mounted Secret, which may change.
 */
const CERTIFICATE_SDS = { name: 'xds_certificate', path: '/sds/xds-certificate.json' };
const TRUST_SDS = { name: 'xds_trusted_ca', path: '/sds/xds-trusted-ca.json' };

const fromFile = ({ name, path }: typeof CERTIFICATE_SDS) => ({
  name,
  sdsConfig: {
    configSourceSpecifier: { case: 'pathConfigSource' as const, value: { path } },
    resourceApiVersion: ApiVersion.V3,
  },
});

/** TLS of an Envoy to its control plane, with a certificate on both sides. */
export function clientOfControlPlane(): MessageInitShape<typeof TransportSocketSchema> {
  return {
    name: TLS_SOCKET,
    configType: {
      case: 'typedConfig',
      value: packAny(UpstreamTlsContextSchema, {
        commonTlsContext: {
          alpnProtocols: ['h2'],
          tlsCertificateSdsSecretConfigs: [fromFile(CERTIFICATE_SDS)],
          validationContextType: { case: 'validationContextSdsSecretConfig', value: fromFile(TRUST_SDS) },
        },
      }),
    },
  };
}
