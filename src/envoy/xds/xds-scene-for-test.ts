import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { Client, type ClientDuplexStream, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { ClusterSchema } from '../gen/envoy/config/cluster/v3/cluster_pb.ts';
import type { NodeSchema } from '../gen/envoy/config/core/v3/base_pb.ts';
import { AggregatedDiscoveryService } from '../gen/envoy/service/discovery/v3/ads_pb.ts';
import {
  type DiscoveryRequest,
  DiscoveryRequestSchema,
  type DiscoveryResponse,
} from '../gen/envoy/service/discovery/v3/discovery_pb.ts';
import { grpcService } from '../grpc-js-for-test.ts';
import type { XdsEvent } from './events.ts';
import { makeSnapshot } from './snapshot.ts';
import { TYPE_URLS } from './types.ts';
import type { XdsBounds } from './xds-bounds.ts';
import { XdsServer, type XdsServerOptions } from './xds-server.ts';

export const { streamAggregatedResources: method } = grpcService(AggregatedDiscoveryService);
type Stream = ClientDuplexStream<DiscoveryRequest, DiscoveryResponse>;

/** A server with small bounds, what it says, and clients that are no Envoys. */
export class Scene {
  readonly events: XdsEvent[] = [];
  xds!: XdsServer;
  readonly #clients: Client[] = [];
  readonly #sockets: Socket[] = [];

  static async run(
    bounds: Partial<XdsBounds>,
    body: (scene: Scene) => Promise<void>,
    more: Partial<XdsServerOptions> = {},
  ) {
    const scene = new Scene();
    const onEvent = (event: XdsEvent) => scene.events.push(event);
    scene.xds = await XdsServer.start({ host: '127.0.0.1', port: 0, bounds, onEvent, ...more });
    try {
      await body(scene);
      await scene.isWell();
    } finally {
      for (const client of scene.#clients) client.close();
      for (const socket of scene.#sockets) socket.destroy();
      await scene.xds.close();
    }
  }

  /** Authorization of well-behaved clients. */
  shows: string | undefined;

  stream(serialize = method.requestSerialize, shows = this.shows): Stream {
    const client = new Client(`127.0.0.1:${this.xds.port}`, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
    });
    this.#clients.push(client);
    const metadata = new Metadata();
    if (shows !== undefined) metadata.set('authorization', shows);
    return client.makeBidiStreamRequest(method.path, serialize, method.responseDeserialize, metadata);
  }

  async socket(): Promise<Socket> {
    const socket = connect(this.xds.port, '127.0.0.1');
    socket.on('error', () => {});
    this.#sockets.push(socket);
    await once(socket, 'connect');
    return socket;
  }

  /** A well-behaved client gets its answer. */
  async isWell(): Promise<void> {
    this.xds.setSnapshot(makeSnapshot({ clusters: [create(ClusterSchema, { name: 'a' })] }));
    const stream = this.stream();
    stream.write(request({}));
    const [response] = (await once(stream, 'data')) as [DiscoveryResponse];
    assert.equal(response.resources.length, 1);
    stream.cancel();
    await once(stream, 'error');
  }

  refusals(): string[] {
    return this.events.filter(({ kind }) => kind === 'refused').map(({ message }) => message);
  }
}

interface Ask {
  readonly node?: MessageInitShape<typeof NodeSchema>;
  readonly typeUrl?: string;
  readonly resourceNames?: string[];
  readonly responseNonce?: string;
  readonly versionInfo?: string;
}

export function request(more: Ask): DiscoveryRequest {
  return create(DiscoveryRequestSchema, { node: { id: 'test' }, typeUrl: TYPE_URLS.cluster, ...more });
}

export async function failure(stream: Stream): Promise<ServiceError> {
  const [error] = await once(stream, 'error').catch((error: unknown) => [error]);
  return error as ServiceError;
}
