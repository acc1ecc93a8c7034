import { once } from 'node:events';
import { type ConnectionOptions, connect } from 'node:tls';
import { secret } from '../../proxy/support/certificates.ts';
import { type Manifests, plainRoute } from '../../proxy/support/manifests.ts';
import { field, readResponse } from '../../proxy/support/message.ts';
import { Wire } from '../../proxy/support/wire.ts';
import type { Scenario } from '../support/scenario.ts';
import { brief } from '../support/seen.ts';

const terminate = (name: string) => `tls: { certificateRefs: [{ name: ${name} }] }`;

/** Listeners of one port: a.example, *.b.example, and every other host where `any` is asked for. */
function https(any: boolean): Manifests {
  const listener = (port: number, name: string, hostname?: string) =>
    `- name: ${name}\n  port: ${port}\n  protocol: HTTPS\n  ${terminate(name)}\n${hostname === undefined ? '' : `  hostname: "${hostname}"\n`}`;
  return plainRoute({
    protocol: 'HTTPS',
    listener: `hostname: a.example\n${terminate('a')}`,
    listeners: port => listener(port, 'wildcard', '*.b.example') + (any ? listener(port, 'any') : ''),
    more: [secret('a', 'a.example'), secret('wildcard', 'wildcard'), secret('any', 'any')].join('---\n'),
  });
}

async function handshake(port: number, options: ConnectionOptions) {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  return socket;
}

/** The certificate that each server name is shown. */
function shown(name: string, any: boolean, names: readonly (string | undefined)[]): Scenario {
  return {
    name: `TLS: certificates, ${name}`,
    manifests: https(any),
    run: async ({ port }) => {
      const seen: Record<string, unknown> = {};
      for (const servername of names) {
        const options = servername === undefined ? {} : { servername };
        seen[servername ?? 'none'] = await handshake(port, options).then(
          socket => {
            const { CN } = socket.getPeerCertificate().subject;
            socket.destroy();
            return CN;
          },
          () => 'no handshake',
        );
      }
      return seen;
    },
  };
}

/** HTTPS listeners. */
export const TLS: readonly Scenario[] = [
  shown('a listener for every host', true, [
    'a.example',
    'A.Example',
    'x.b.example',
    'x.y.b.example',
    'b.example',
    'other',
    undefined,
  ]),
  shown('none for every host', false, ['a.example', 'x.b.example', 'c.example', undefined]),
  ...[true, false].map(
    (any): Scenario => ({
      name: `TLS: hosts that belong to another listener, ${any ? 'with' : 'without'} one for every host`,
      manifests: https(any),
      run: async ({ port }) => {
        const seen: Record<string, string> = {};
        for (const servername of ['a.example', 'x.b.example', ...(any ? ['other'] : [])]) {
          for (const host of ['a.example', 'x.b.example', 'y.b.example:8443', 'b.example', 'other', 'more']) {
            const client = new Wire(await handshake(port, { servername }));
            client.write(`GET / HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
            seen[`${servername} → ${host}`] = brief(await readResponse(client));
            client.destroy();
          }
        }
        return seen;
      },
    }),
  ),
  {
    name: 'TLS: the backend is told of it',
    manifests: https(true),
    run: async ({ port, upstream }) => {
      const socket = await handshake(port, { servername: 'a.example', ALPNProtocols: ['http/1.1'] });
      const client = new Wire(socket);
      client.write('GET / HTTP/1.1\r\nhost: a.example\r\n\r\n');
      await readResponse(client);
      client.destroy();
      return [socket.alpnProtocol, field((await upstream.request(0)).head, 'x-forwarded-proto')];
    },
    gives: ['http/1.1', 'https'],
  },
  {
    name: 'TLS: what is agreed on with a client that speaks HTTP/2 too',
    manifests: https(true),
    run: async ({ port }) => {
      const socket = await handshake(port, { servername: 'a.example', ALPNProtocols: ['h2', 'http/1.1'] });
      socket.destroy();
      return socket.alpnProtocol;
    },
    differs: { why: 'the embedded plane speaks no HTTP/2', embedded: 'http/1.1', envoy: 'h2' },
  },
];
