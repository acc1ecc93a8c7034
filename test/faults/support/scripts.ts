import { answer, type Script } from '../../proxy/support/upstream.ts';

/** A request that pools and plain routes take. */
export const CHAT = post('{"model":"model-a","messages":[{"role":"user","content":"hi"}]}');

export function post(body: string, path = '/v1/chat/completions', ...fields: readonly string[]): string {
  const lines = [`POST ${path} HTTP/1.1`, 'host: a', `content-length: ${body.length}`, ...fields];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

export function status(code: number, text = `${code}`): string {
  return `HTTP/1.1 ${code} X\r\ncontent-length: ${text.length}\r\n\r\n${text}`;
}

/** Reads each request whole, then does as it is told for its index, counted from 0; the last word goes on. */
export function inTurn(...steps: readonly (number | 'reset' | 'hang' | string)[]): Script {
  return async request => {
    await request.body();
    const step = steps[Math.min(request.index, steps.length - 1)];
    if (step === 'reset') request.wire.reset();
    else if (step === 'hang') await request.wire.untilEnded(60_000);
    else if (typeof step === 'number') request.wire.write(status(step));
    else request.wire.write(answer(step ?? ''));
  };
}
