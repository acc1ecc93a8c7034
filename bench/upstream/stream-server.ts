// A process of its own: `node stream-server.ts INTERVAL_MS HOST:PORT…`. Model servers on raw sockets, as cheap as can be, since they share
// a core with the load: a POST that asks for a stream gets one event every interval until it goes away.
import { createServer, type Socket } from 'node:net';
import { CHAT_ANSWER } from './chat-answer.ts';
import { metricsPage } from './metrics-page.ts';
import { STREAM_EVENT } from './stream-event.ts';

/** A stream whose reader is this far behind is cut off, which the client counts as a failure. */
const MAX_BEHIND_BYTES = 1 << 20;
const MAX_REQUEST_BYTES = 1 << 16;
const BACKLOG = 4096;

const [interval = '10', ...addresses] = process.argv.slice(2);
const intervalMs = Number(interval);

const event = Buffer.from(chunk(STREAM_EVENT));
const streamHead =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n';
const answer = whole('application/json', CHAT_ANSWER);
const metrics = Buffer.from(whole('text/plain; version=0.0.4; charset=utf-8', metricsPage()));

/** Streams by the millisecond of the interval in which they get their event: they do not come all at once. */
const slots: Set<Socket>[] = Array.from({ length: intervalMs }, () => new Set());

function chunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

function whole(type: string, body: string): string {
  return `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

function serve(socket: Socket): void {
  let request = '';
  let slot: Set<Socket> | undefined;
  socket.setNoDelay(true);
  socket.setEncoding('latin1');
  socket.on('error', () => {});
  socket.on('close', () => slot?.delete(socket));
  socket.on('data', (data: string) => {
    if (request.length > MAX_REQUEST_BYTES) {
      socket.destroy();
      return;
    }
    request += data;
    const length = requestLength(request);
    if (length === undefined || request.length < length) return;
    if (request.startsWith('GET /metrics')) socket.write(metrics);
    else if (!request.includes('"stream":true')) socket.write(answer);
    else {
      slot = slots.reduce((smallest, other) => (other.size < smallest.size ? other : smallest));
      slot.add(socket);
      socket.write(streamHead);
    }
    request = request.slice(length);
  });
}

/** Bytes of the first request, head and body; undefined until its head is there. */
function requestLength(request: string): number | undefined {
  const headEnd = request.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const length = /\r\ncontent-length: *(\d+)/i.exec(request.slice(0, headEnd))?.[1];
  return headEnd + 4 + Number(length ?? 0);
}

function send(socket: Socket): void {
  if (socket.writableLength > MAX_BEHIND_BYTES) socket.destroy();
  else socket.write(event);
}

let next = 0;
const startMs = performance.now();
setInterval(() => {
  for (const now = performance.now() - startMs; next <= now; next++)
    for (const socket of slots[next % intervalMs]!) send(socket);
}, 1);

for (const address of addresses) {
  const [host, port] = address.split(':');
  createServer(serve).listen({ host, port: Number(port), backlog: BACKLOG });
}
