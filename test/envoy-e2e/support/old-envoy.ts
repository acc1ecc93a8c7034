// Stands for an Envoy of long ago: `node old-envoy.ts --config-path BOOTSTRAP …` says to the control plane who it is, again and again.
import { readFileSync } from 'node:fs';
import { create, fromJson } from '@bufbuild/protobuf';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { BootstrapSchema } from '../../../src/envoy/gen/envoy/config/bootstrap/v3/bootstrap_pb.ts';
import { AggregatedDiscoveryService } from '../../../src/envoy/gen/envoy/service/discovery/v3/ads_pb.ts';
import { DeltaDiscoveryRequestSchema } from '../../../src/envoy/gen/envoy/service/discovery/v3/discovery_pb.ts';
import { grpcService } from '../../../src/envoy/grpc-js-for-test.ts';
import { envoyTypes } from '../../../src/envoy/registry.ts';
import { TYPE_URLS } from '../../../src/envoy/xds/types.ts';
import { peerTakes } from '../../support/peer-takes.ts';

const file = process.argv[process.argv.indexOf('--config-path') + 1] as string;
const bootstrap = fromJson(BootstrapSchema, JSON.parse(readFileSync(file, 'utf8')), {
  registry: envoyTypes(),
});
const [endpoint] = bootstrap.staticResources?.clusters[0]?.loadAssignment?.endpoints[0]?.lbEndpoints ?? [];
const host = endpoint?.hostIdentifier.case === 'endpoint' ? endpoint.hostIdentifier.value : undefined;
const at = host?.address?.address.case === 'socketAddress' ? host.address.address.value : undefined;
const { deltaAggregatedResources: method } = grpcService(AggregatedDiscoveryService);
const client = new Client(`${at?.address}:${at?.portSpecifier.value}`, credentials.createInsecure());
const metadata = new Metadata();
for (const { key, value } of bootstrap.dynamicResources?.adsConfig?.grpcServices[0]?.initialMetadata ?? [])
  metadata.set(key, value);
const version = { majorNumber: 1, minorNumber: 20, patch: 0 };

for (;;) {
  const stream = client.makeBidiStreamRequest(
    method.path,
    method.requestSerialize,
    method.responseDeserialize,
    metadata,
  );
  stream.on('data', () => {});
  const ended = new Promise<void>(resolve => stream.on('error', () => resolve()).on('end', resolve));
  stream.write(
    create(DeltaDiscoveryRequestSchema, {
      node: {
        id: bootstrap.node?.id ?? '',
        userAgentName: 'envoy',
        userAgentVersionType: { case: 'userAgentBuildVersion', value: { version } },
      },
      typeUrl: TYPE_URLS.cluster,
    }),
  );
  await ended;
  await peerTakes(200);
}
