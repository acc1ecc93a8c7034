import { create } from '@bufbuild/protobuf';
import type { Listener, Server } from '../../plan/index.ts';
import { type Secret, SecretSchema } from '../gen/envoy/extensions/transport_sockets/tls/v3/secret_pb.ts';
import { clientTrust, tlsCertificate } from './tls-messages.ts';

/** @param index of the certificate in its listener */
export function secretName({ gateway }: Server, listener: Listener, index: number): string {
  return `${gateway.namespace}/${gateway.name}/${listener.name}/${index}`;
}

/** What the clients of a port are checked against. */
export function trustName({ name }: Server): string {
  return `${name}/client-ca`;
}

/** The certificates of a server's HTTPS listeners, and what it trusts. */
export function secrets(server: Server): Secret[] {
  const { clientValidation } = server;
  const trust =
    clientValidation === undefined
      ? []
      : [
          create(SecretSchema, {
            name: trustName(server),
            type: { case: 'validationContext', value: clientTrust(clientValidation) },
          }),
        ];
  return [...trust, ...listenerSecrets(server)];
}

function listenerSecrets(server: Server): Secret[] {
  return server.listeners.flatMap(listener =>
    listener.certificates.map((certificate, i) =>
      create(SecretSchema, {
        name: secretName(server, listener, i),
        type: { case: 'tlsCertificate', value: tlsCertificate(certificate) },
      }),
    ),
  );
}
