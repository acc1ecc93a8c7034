import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { type Answer, answerTo, type Question, UDP_BYTES } from './message.ts';

type Resolve = (question: Question) => Answer;

/** Answers queries over UDP and TCP. */
export class DnsServer {
  readonly #udp: UdpSocket;
  readonly #tcp: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(udp: UdpSocket, tcp: Server) {
    this.#udp = udp;
    this.#tcp = tcp;
    tcp.on('connection', socket => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  static async start(address: string, port: number, resolve: Resolve): Promise<DnsServer> {
    const udp = createSocket('udp4', (query, from) => {
      const answer = answerTo(query, resolve, UDP_BYTES);
      if (answer !== undefined) udp.send(answer, from.port, from.address);
    });
    udp.bind(port, address);
    await once(udp, 'listening');
    // A client that is gone: nobody waits for the answer.
    udp.on('error', () => undefined);
    const tcp = createServer(socket => serve(socket, resolve));
    tcp.listen(udp.address().port, address);
    await once(tcp, 'listening');
    return new DnsServer(udp, tcp);
  }

  get port(): number {
    return this.#udp.address().port;
  }

  async close(): Promise<void> {
    this.#udp.close();
    this.#tcp.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#tcp, 'close');
  }
}

/** RFC 1035 section 4.2.2: each message has its length before it. */
function serve(socket: Socket, resolve: Resolve): void {
  let rest = Buffer.alloc(0);
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
      const end = 2 + rest.readUInt16BE(0);
      const answer = answerTo(rest.subarray(2, end), resolve);
      rest = rest.subarray(end);
      if (answer === undefined) socket.destroy();
      else socket.write(Buffer.concat([Buffer.of(answer.length >> 8, answer.length & 255), answer]));
    }
  });
}
