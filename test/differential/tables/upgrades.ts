import { plainRoute } from '../../proxy/support/manifests.ts';
import { readHead, readResponse } from '../../proxy/support/message.ts';
import { answer, type Script } from '../../proxy/support/upstream.ts';
import type { Scenario } from '../support/scenario.ts';
import { answered, brief, received } from '../support/seen.ts';

const ask = (upgrade: string, more = '') =>
  `GET /ws HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: ${upgrade}\r\nsec-websocket-key: x\r\n${more}\r\n`;

/** Takes the upgrade and says everything twice. */
const twice: Script = async ({ wire }) => {
  wire.write(
    'HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: y\r\n\r\n',
  );
  while (!wire.ended) {
    const bytes = await wire.readSome();
    wire.write(bytes.toString('latin1').repeat(2));
  }
};

/** WebSockets, and what else asks for another protocol. */
export const UPGRADES: readonly Scenario[] = [
  {
    name: 'a WebSocket: both heads, and bytes in both directions',
    upstreams: () => [twice],
    run: async ({ connect, upstream }) => {
      const client = await connect();
      client.write(ask('websocket'));
      const head = await readHead(client);
      client.write('ping');
      const echoed = (await client.read(8)).toString();
      client.write('\0\xff');
      const binary = (await client.read(4)).toString('latin1');
      return [
        answered({ ...head, status: 101, body: '', chunks: [], trailers: [] }),
        received(await upstream.request(0)),
        echoed,
        binary,
      ];
    },
  },
  {
    name: 'the client ends a WebSocket',
    upstreams: () => [twice],
    run: async ({ connect, upstream }) => {
      const client = await connect();
      client.write(ask('websocket'));
      await readHead(client);
      client.destroy();
      const { wire } = await upstream.request(0);
      await wire.untilEnded();
      return 'ended';
    },
    gives: 'ended',
  },
  {
    name: 'the backend ends a WebSocket',
    upstreams: () => [
      ({ wire }) => {
        wire.write(
          'HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\nlast',
        );
        wire.socket.end();
      },
    ],
    run: async ({ connect }) => {
      const client = await connect();
      client.write(ask('websocket'));
      await readHead(client);
      return client.readToEnd();
    },
    gives: 'last',
  },
  {
    name: 'a backend that does not want to',
    upstreams: () => [({ wire }) => void wire.write(answer('no'))],
    run: async ({ connect }) => {
      const client = await connect();
      client.write(ask('websocket'));
      return brief(await readResponse(client));
    },
    differs: {
      why: 'Envoy passes the status on, takes the length and body of such an answer away, and closes the connection.',
      embedded: '200 no',
      envoy: '200',
    },
  },
  {
    name: 'another protocol',
    upstreams: () => [({ wire }) => void wire.write(answer('plain'))],
    run: async ({ send, upstream }) => {
      const response = brief(await send(ask('h2c')));
      return {
        response,
        upgrade: upstream.requests[0]?.head.fields.find(([name]) => name === 'upgrade')?.[1],
      };
    },
  },
  {
    name: 'a WebSocket to nobody',
    manifests: plainRoute({ hostnames: ['b.example.com'] }),
    run: async ({ send }) => (await send(ask('websocket'))).status,
    gives: 404,
  },
  {
    name: 'a WebSocket counts as a request in flight',
    manifests: plainRoute({ policy: 'circuitBreaker: { maxParallelRequests: 1 }' }),
    upstreams: () => [twice],
    run: async ({ connect, send }) => {
      const client = await connect();
      client.write(ask('websocket'));
      await readHead(client);
      return (await send('GET / HTTP/1.1\r\nhost: a\r\n\r\n')).status;
    },
    gives: 503,
  },
];
