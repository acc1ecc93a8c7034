import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** What is known of a name: its IPv4 addresses, or a code of failure (RFC 1035 section 4.1.1). */
export type Records = readonly string[] | number;
export const SERVFAIL = 2;
const NXDOMAIN = 3;

/** By name. What is not in it does not exist. */
export class Zone extends Map<string, Records> {
  /** How often somebody was answered with a code of failure that is not that a name does not exist. */
  failures = 0;
}

const A = 1;
const TTL_SECONDS = 1;
const HEAD_BYTES = 12;

/** A DNS server on the loopback interface that answers from a zone, which may change. */
export class DnsServer {
  readonly port: number;
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.port = socket.address().port;
  }

  static async start(zone: Zone): Promise<DnsServer> {
    const socket = createSocket('udp4');
    socket.on('message', (query, peer) => socket.send(answerTo(query, zone), peer.port, peer.address));
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new DnsServer(socket);
  }

  close(): void {
    this.#socket.close();
  }
}

function answerTo(query: Buffer, zone: Zone): Buffer {
  const labels: string[] = [];
  let at = HEAD_BYTES;
  for (let length = query[at]!; length !== 0; length = query[at]!) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length).toLowerCase());
    at += length + 1;
  }
  const type = query.readUInt16BE(at + 1);
  const known = zone.get(labels.join('.')) ?? NXDOMAIN;
  if (typeof known === 'number' && known !== NXDOMAIN) zone.failures++;
  const addresses = typeof known === 'number' || type !== A ? [] : known;
  const head = Buffer.alloc(HEAD_BYTES);
  query.copy(head, 0, 0, 2);
  head.writeUInt16BE(0x8180 | (typeof known === 'number' ? known : 0), 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(addresses.length, 6);
  const records = addresses.map(address => {
    const record = Buffer.alloc(16);
    // The name of the question.
    record.writeUInt16BE(0xc000 | HEAD_BYTES, 0);
    record.writeUInt16BE(A, 2);
    record.writeUInt16BE(1, 4);
    record.writeUInt32BE(TTL_SECONDS, 6);
    record.writeUInt16BE(4, 10);
    record.set(address.split('.').map(Number), 12);
    return record;
  });
  return Buffer.concat([head, query.subarray(HEAD_BYTES, at + 5), ...records]);
}
