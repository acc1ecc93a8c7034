import { create } from '@bufbuild/protobuf';
import type { Listener, Server } from '../../plan/index.ts';
import { type Secret, SecretSchema } from '../gen/envoy/extensions/transport_sockets/tls/v3/secret_pb.ts';

/** @param index of the certificate in its listener */
export function secretName({ gateway }: Server, listener: Listener, index: number): string {
  return `${gateway.namespace}/${gateway.name}/${listener.name}/${index}`;
}

/** The certificates of a server's HTTPS listeners. */
export function secrets(server: Server): Secret[] {
  return server.listeners.flatMap(listener =>
    listener.certificates.map(({ certChainPem, privateKeyPem }, i) =>
      create(SecretSchema, {
        name: secretName(server, listener, i),
        type: {
          case: 'tlsCertificate',
          value: {
            certificateChain: { specifier: { case: 'inlineString', value: certChainPem } },
            privateKey: { specifier: { case: 'inlineString', value: privateKeyPem } },
          },
        },
      }),
    ),
  );
}
