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
export const SDS_FOLDER = '/sds';

const fromFile = (name: string, path: string) => ({
  name,
  sdsConfig: {
    configSourceSpecifier: { case: 'pathConfigSource' as const, value: { path } },
    resourceApiVersion: ApiVersion.V3,
  },
});

/** TLS of an Envoy to its control plane, with a certificate on both sides. */
export function clientOfControlPlane(folder: string): MessageInitShape<typeof TransportSocketSchema> {
  const certificate = fromFile('xds_certificate', `${folder}/xds-certificate.json`);
  const trust = fromFile('xds_trusted_ca', `${folder}/xds-trusted-ca.json`);
  return {
    name: TLS_SOCKET,
    configType: {
      case: 'typedConfig',
      value: packAny(UpstreamTlsContextSchema, {
        commonTlsContext: {
          alpnProtocols: ['h2'],
          tlsCertificateSdsSecretConfigs: [certificate],
          validationContextType: { case: 'validationContextSdsSecretConfig', value: trust },
        },
      }),
    },
  };
}
