import { connect } from 'node:net';
import { reset } from '../../support/reset.ts';

const BODY = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'x'.repeat(2000) }] });
const HEAD = `POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n`;
const WHOLE = HEAD + BODY;

/** Where a client leaves: after so many bytes of its request, or of the answer. */
type Stage = { readonly sends: number; readonly reads: number };

function stage(random: () => number): Stage {
  const kind = random();
  if (kind < 0.1) return { sends: Math.floor(random() * HEAD.length), reads: 0 };
  if (kind < 0.2) return { sends: HEAD.length + Math.floor(random() * BODY.length), reads: 0 };
  if (kind < 0.4) return { sends: WHOLE.length, reads: 0 };
  if (kind < 0.7) return { sends: WHOLE.length, reads: 1 + Math.floor(random() * 500) };
  return { sends: WHOLE.length, reads: Number.POSITIVE_INFINITY };
}

/** One client, one connection, one request, left at some stage by a FIN or a reset. @returns the status, where there was one */
export function stormClient(host: string, port: number, random: () => number): Promise<number | undefined> {
  return new Promise(resolve => {
    const { sends, reads } = stage(random);
    const socket = connect({ host, port, noDelay: true });
    let got = '';
    const leave = () => {
      if (random() < 0.5 && !socket.connecting) reset(socket);
      else socket.destroy();
    };
    const timer = setTimeout(leave, 2000);
    socket.on('error', () => {});
    socket.on('connect', () => {
      socket.write(WHOLE.slice(0, sends));
      if (sends < WHOLE.length || reads === 0) setTimeout(leave, random() * 20);
    });
    socket.on('data', bytes => {
      got += bytes.toString('latin1');
      if (got.length >= reads || got.endsWith('0\r\n\r\n') || got.endsWith('overflow')) leave();
    });
    socket.on('close', () => {
      clearTimeout(timer);
      const status = /^HTTP\/1\.1 (\d+)/.exec(got)?.[1];
      resolve(status === undefined ? undefined : Number(status));
    });
  });
}
