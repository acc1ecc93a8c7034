import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { secret } from './support/certificates.ts';
import { useGateway } from './support/gateway.ts';
import { type Manifests, plainRoute } from './support/manifests.ts';
import { field, readHead, readResponse } from './support/message.ts';
import { echo } from './support/upstream.ts';
import { Wire } from './support/wire.ts';

const gateway = useGateway({ workers: 2, bounds: { headTimeoutMs: 500 } });
const request = (host: string) => `GET / HTTP/1.1\r\nhost: ${host}\r\n\r\n`;
const terminate = (name: string) => `tls: { certificateRefs: [{ name: ${name} }] }`;

/** Three listeners on one port: a.example, *.b.example, and every other host where `any` is asked for. */
function https({ any = true, certificate = 'a.example' } = {}): Manifests {
  const listener = (port: number, name: string, hostname?: string) =>
    `- name: ${name}\n  port: ${port}\n  protocol: HTTPS\n  ${terminate(name)}\n${hostname === undefined ? '' : `  hostname: "${hostname}"\n`}`;
  return plainRoute({
    protocol: 'HTTPS',
    listener: `hostname: a.example\n${terminate('a')}`,
    listeners: port => listener(port, 'wildcard', '*.b.example') + (any ? listener(port, 'any') : ''),
    more: [secret('a', certificate), secret('wildcard', 'wildcard'), secret('any', 'any')].join('---\n'),
  });
}

async function handshake(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
  await once(socket, 'secureConnect');
  return socket;
}

/** Common name of the certificate that the server shows. */
async function shown(port: number, servername?: string): Promise<string | string[] | undefined> {
  const socket = await handshake(port, servername === undefined ? {} : { servername });
  const { CN } = socket.getPeerCertificate().subject;
  socket.destroy();
  return CN;
}

test('requests over TLS are served, one after the other, and the upstream is told of it', () =>
  gateway.serve(
    echo,
    async ({ port, upstream }) => {
      const client = new Wire(await handshake(port, { servername: 'a.example' }));
      for (let i = 0; i < 3; i++) {
        client.write('POST / HTTP/1.1\r\nhost: a.example\r\ncontent-length: 2\r\n\r\nok');
        assert.equal((await readResponse(client)).body, 'ok');
      }
      const head = upstream.requests[0]?.head;
      assert.equal(head && field(head, 'x-forwarded-proto'), 'https');
      client.destroy();
    },
    https(),
  ));

test('of h2 and http/1.1, http/1.1 is agreed on', () =>
  gateway.serve(
    echo,
    async ({ port }) => {
      const socket = await handshake(port, { ALPNProtocols: ['h2', 'http/1.1'] });
      assert.equal(socket.alpnProtocol, 'http/1.1');
      socket.destroy();
    },
    https(),
  ));

test('a client that speaks h2 alone is told in the handshake', () =>
  gateway.serve(
    echo,
    ({ port }) =>
      assert.rejects(handshake(port, { ALPNProtocols: ['h2'] }), { code: /ALERT|NO_APPLICATION_PROTOCOL/ }),
    https(),
  ));

test('the name in the handshake chooses the listener whose certificate is shown', () =>
  gateway.serve(
    echo,
    async ({ port }) => {
      assert.equal(await shown(port, 'a.example'), 'a.example');
      assert.equal(await shown(port, 'A.Example'), 'a.example');
      assert.equal(await shown(port, 'x.b.example'), '*.b.example');
      assert.equal(await shown(port, 'x.y.b.example'), '*.b.example');
      assert.equal(await shown(port, 'b.example'), 'any.example');
    },
    https(),
  ));

test('a client that names no host is shown the certificate of the listener for every host', () =>
  gateway.serve(echo, async ({ port }) => assert.equal(await shown(port), 'any.example'), https()));

test('without a listener for every host, names that no listener has get no handshake', () =>
  gateway.serve(
    echo,
    async ({ port }) => {
      await assert.rejects(handshake(port));
      await assert.rejects(handshake(port, { servername: 'c.example' }));
      assert.equal(await shown(port, 'a.example'), 'a.example');
    },
    https({ any: false }),
  ));

test('a host of another listener than the handshake named: 421', () =>
  gateway.serve(
    echo,
    async ({ port, upstream }) => {
      const client = new Wire(await handshake(port, { servername: 'a.example' }));
      client.write(request('x.b.example'));
      assert.equal((await readResponse(client)).status, 421);
      await client.untilEnded();
      assert.equal(upstream.requests.length, 0);
    },
    https(),
  ));

test('hosts of one listener may share a connection', () =>
  gateway.serve(
    echo,
    async ({ port }) => {
      const client = new Wire(await handshake(port, { servername: 'x.b.example' }));
      for (const host of ['x.b.example', 'y.b.example:8443']) {
        client.write(request(host));
        assert.equal((await readResponse(client)).status, 200);
      }
      client.destroy();
    },
    https(),
  ));

test('a new certificate is shown to new connections, and the old ones go on', () =>
  gateway.serve(
    echo,
    async ({ port, upstreams }) => {
      const client = new Wire(await handshake(port, { servername: 'a.example' }));
      await gateway.apply(https({ certificate: 'any' })(port, upstreams));
      assert.equal(await shown(port, 'a.example'), 'any.example');
      client.write(request('a.example'));
      assert.equal((await readResponse(client)).status, 200);
      client.destroy();
    },
    https(),
  ));

test('plain HTTP to a TLS port is cut off, and does no harm', () =>
  gateway.serve(
    echo,
    async ({ port, connect: connectPlain }) => {
      const client = await connectPlain();
      client.write(request('a.example'));
      await client.untilEnded();
      assert.equal(await shown(port, 'a.example'), 'a.example');
    },
    https(),
  ));

test('a handshake that does not go on is cut off', () =>
  gateway.serve(
    echo,
    async ({ connect: connectPlain }) => {
      const client = await connectPlain();
      client.write('\x16\x03\x01');
      await client.untilEnded();
    },
    https(),
  ));

test('8 MB go both ways over TLS', () =>
  gateway.serve(
    echo,
    async ({ port }) => {
      const client = new Wire(await handshake(port, { servername: 'a.example' }));
      const length = 8 * 1024 * 1024;
      client.write(`POST / HTTP/1.1\r\nhost: a.example\r\ncontent-length: ${length}\r\n\r\n`);
      await client.writeAll(Buffer.alloc(length, 'a'));
      const response = await readResponse(client);
      assert.equal(response.body.length, length);
      client.destroy();
    },
    https(),
  ));

test('a client that leaves in mid-stream frees the upstream', () =>
  gateway.serve(
    async ({ wire }) => {
      wire.write('HTTP/1.1 200 OK\r\n\r\n');
      await wire.untilEnded();
    },
    async ({ port, upstream }) => {
      const client = new Wire(await handshake(port, { servername: 'a.example' }));
      client.write(request('a.example'));
      await readHead(client);
      client.destroy();
      const { wire } = await upstream.request(0);
      await wire.untilEnded(1000);
    },
    https(),
  ));
