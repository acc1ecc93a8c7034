import type { FastifyReply } from 'fastify';

/** A reader that leaves so much unread is cut off, before it costs memory. */
const MAX_UNREAD_BYTES = 8 * 1024 * 1024;

export interface LineStream {
  /** Sends a value as one line of JSON. */
  write(value: unknown): void;
  /** Called once, when the reader has gone. */
  onClose(listener: () => void): void;
}

/** Answers with a stream of JSON lines (application/x-ndjson) that ends when the reader leaves or the server stops. */
export function streamLines(reply: FastifyReply): LineStream {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
  raw.flushHeaders();
  raw.on('error', () => raw.destroy());
  return {
    write(value) {
      if (raw.destroyed) return;
      raw.write(`${JSON.stringify(value)}\n`);
      if (raw.writableLength > MAX_UNREAD_BYTES) raw.destroy();
    },
    onClose(listener) {
      raw.once('close', listener);
    },
  };
}
