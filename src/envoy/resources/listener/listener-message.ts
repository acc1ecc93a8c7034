import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type Listener, modelHeadersOf, type Server } from '../../../plan/index.ts';
import { packAny } from '../../any.ts';
import { socketAddress } from '../../envoy-bootstrap.ts';
import type { FilterChainSchema } from '../../gen/envoy/config/listener/v3/listener_components_pb.ts';
import {
  type Listener as EnvoyListener,
  ListenerSchema,
} from '../../gen/envoy/config/listener/v3/listener_pb.ts';
import { TlsInspectorSchema } from '../../gen/envoy/extensions/filters/listener/tls_inspector/v3/tls_inspector_pb.ts';
import { DownstreamTlsContextSchema } from '../../gen/envoy/extensions/transport_sockets/tls/v3/tls_pb.ts';
import { ADS } from '../message-parts.ts';
import { listenerName } from '../resource-names.ts';
import { secretName, trustName } from '../secrets.ts';
import { TLS_SOCKET } from '../tls-messages.ts';
import { connectionLogs } from './access-log.ts';
import { connectionManager } from './connection-manager.ts';

export interface BoundAt {
  readonly address: string;
  readonly port: number;
  /** This Envoy is to end: each answer is the last of its connection. */
  readonly ending?: boolean;
}

/** Of a connection, in each direction. Envoy Gateway's. */
const STREAMED_BYTES = 32 * 1024;
/** Bodies that are read whole, for the picker, are as large at most: the embedded plane's bound too. */
const WHOLE_BODY_BYTES = 64 * 1024 * 1024;

/** @param picked some of its requests go to pools */
export function envoyListener(server: Server, bound: BoundAt, picked: boolean): EnvoyListener {
  const tls = server.protocol === 'HTTPS';
  const whole = picked || modelHeadersOf(server.listeners).length > 0;
  return create(ListenerSchema, {
    name: listenerName(server),
    address: socketAddress(bound.address, bound.port),
    accessLog: connectionLogs(server),
    perConnectionBufferLimitBytes: whole ? WHOLE_BODY_BYTES : STREAMED_BYTES,
    ...(tls
      ? {
          listenerFilters: [
            {
              name: 'envoy.filters.listener.tls_inspector',
              configType: { case: 'typedConfig', value: packAny(TlsInspectorSchema, {}) },
            },
          ],
          filterChains: server.listeners.map(listener => tlsChain(server, listener, picked, bound)),
        }
      : {
          defaultFilterChain: {
            name: listenerName(server),
            filters: [connectionManager(server, undefined, picked, bound)],
          },
        }),
  });
}

/** Of each HTTPS listener: the clients that ask for its host name by SNI. */
function tlsChain(
  server: Server,
  listener: Listener,
  picked: boolean,
  bound: BoundAt,
): MessageInitShape<typeof FilterChainSchema> {
  const { hostname } = listener;
  const { clientValidation } = server;
  return {
    name: `${listenerName(server)}/${listener.name}`,
    ...(hostname !== undefined && { filterChainMatch: { serverNames: [hostname] } }),
    filters: [connectionManager(server, listener, picked, bound)],
    transportSocket: {
      name: TLS_SOCKET,
      configType: {
        case: 'typedConfig',
        value: packAny(DownstreamTlsContextSchema, {
          ...(clientValidation && { requireClientCertificate: clientValidation.required }),
          commonTlsContext: {
            ...(clientValidation && {
              validationContextType: {
                case: 'validationContextSdsSecretConfig',
                value: { name: trustName(server), sdsConfig: ADS },
              },
            }),
            alpnProtocols: ['h2', 'http/1.1'],
            tlsCertificateSdsSecretConfigs: listener.certificates.map((_, i) => ({
              name: secretName(server, listener, i),
              sdsConfig: ADS,
            })),
          },
        }),
      },
    },
  };
}
