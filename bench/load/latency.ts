import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Address } from '../processes.ts';
import { chatBody, chatRequest } from './chat-body.ts';

const MAX_SAMPLES = 200_000;
const HEAD_END = Buffer.from('\r\n\r\n');

/** Microseconds from the first byte sent to the last byte of the answer, one request at a time on one connection. */
export async function latenciesUs({ host, port }: Address, durationMs: number): Promise<Float64Array> {
  const socket = connect({ host, port, noDelay: true });
  await once(socket, 'connect');
  try {
    return await measure(socket, chatRequest(`${host}:${port}`, chatBody(1)), durationMs);
  } finally {
    socket.destroy();
  }
}

function measure(socket: Socket, request: string, durationMs: number): Promise<Float64Array> {
  const samples = new Float64Array(MAX_SAMPLES);
  const end = performance.now() + durationMs;
  let count = 0;
  let sentAt = 0;
  let missing = 0;
  return new Promise((resolve, reject) => {
    const send = () => {
      sentAt = performance.now();
      socket.write(request, 'latin1');
    };
    const fail = (error: unknown) => reject(error instanceof Error ? error : new Error(String(error)));
    socket.on('error', fail);
    socket.on('close', () => fail('the connection was closed'));
    socket.on('data', (data: Buffer) => {
      try {
        missing = missing > 0 ? missing - data.length : bytesMissing(data);
      } catch (error) {
        fail(error);
        return;
      }
      if (missing > 0) return;
      const now = performance.now();
      samples[count++] = (now - sentAt) * 1000;
      if (now < end && count < MAX_SAMPLES) send();
      else resolve(samples.subarray(0, count));
    });
    send();
  });
}

/** Bytes of the answer that are still to come. Its head is in the first read: it is small and was written at once. */
function bytesMissing(data: Buffer): number {
  const headEnd = data.indexOf(HEAD_END);
  const head = data.toString('latin1', 0, headEnd < 0 ? data.length : headEnd);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (!head.startsWith('HTTP/1.1 200') || headEnd < 0 || length === undefined)
    throw new Error(`expected a 200 with a content-length, got: ${head.slice(0, 200)}`);
  return headEnd + HEAD_END.length + Number(length) - data.length;
}
