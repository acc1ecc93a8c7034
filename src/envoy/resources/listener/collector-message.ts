import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Collector } from '../../../plan/index.ts';
import type { GrpcServiceSchema } from '../../gen/envoy/config/core/v3/grpc_service_pb.ts';

/** How Envoy calls a collector. */
export function grpcServiceOf({
  cluster,
  authority,
  headers,
}: Collector): MessageInitShape<typeof GrpcServiceSchema> {
  return {
    targetSpecifier: {
      case: 'envoyGrpc',
      value: { clusterName: cluster, ...(authority === undefined ? {} : { authority }) },
    },
    initialMetadata: headers.map(({ name, value }) => ({ key: name, value })),
  };
}
