import type { MessageInitShape } from '@bufbuild/protobuf';
import { SDS_CERTIFICATE, SDS_TRUST } from '../../tls/index.ts';
import { packAny } from '../any.ts';
import type { TransportSocketSchema } from '../gen/envoy/config/core/v3/base_pb.ts';
import { ApiVersion } from '../gen/envoy/config/core/v3/config_source_pb.ts';
import { UpstreamTlsContextSchema } from '../gen/envoy/extensions/transport_sockets/tls/v3/tls_pb.ts';
import { TLS_SOCKET } from './tls-messages.ts';

const fromFile = (folder: string, { name, file }: typeof SDS_CERTIFICATE | typeof SDS_TRUST) => ({
  name,
  sdsConfig: {
    configSourceSpecifier: { case: 'pathConfigSource' as const, value: { path: `${folder}/${file}` } },
    resourceApiVersion: ApiVersion.V3,
  },
});

/** TLS of an Envoy to its control plane, with a certificate on both sides. @param folder of the SDS files */
export function clientOfControlPlane(folder: string): MessageInitShape<typeof TransportSocketSchema> {
  return {
    name: TLS_SOCKET,
    configType: {
      case: 'typedConfig',
      value: packAny(UpstreamTlsContextSchema, {
        commonTlsContext: {
          alpnProtocols: ['h2'],
          tlsCertificateSdsSecretConfigs: [fromFile(folder, SDS_CERTIFICATE)],
          validationContextType: {
            case: 'validationContextSdsSecretConfig',
            value: fromFile(folder, SDS_TRUST),
          },
        },
      }),
    },
  };
}
