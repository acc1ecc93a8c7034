import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useGateway } from './support/gateway.ts';
import { readResponse } from './support/message.ts';
import { answer, type Script } from './support/upstream.ts';
import type { Wire } from './support/wire.ts';
import { BAD_REQUESTS } from './tables/bad-requests.ts';

const gateway = useGateway({ workers: 2 });
const H = 'host: a\r\n';

const GOOD: readonly (readonly [name: string, bytes: string])[] = [
  ['no body', `GET /a?b HTTP/1.1\r\n${H}x-a:\r\nx-b: \t c \t\r\n\r\n`],
  ['a length', `POST / HTTP/1.1\r\n${H}content-length: 5\r\n\r\na\r\n\r\n`],
  [
    'chunks and trailers',
    `POST / HTTP/1.1\r\n${H}transfer-encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0A\r\n0123456789\r\n0\r\nx-a: b\r\nx-c:\r\n\r\n`,
  ],
  ['empty lines first', `\r\n\r\nGET / HTTP/1.1\r\n${H}\r\n`],
];

/** What a request looks like from the other side. */
const tell: Script = async request => {
  const { line, fields, body, trailers } = await request.body();
  const own = fields.filter(([name]) => name !== 'x-request-id');
  request.wire.write(answer(JSON.stringify([line, own, body, trailers])));
};

async function outcome(wire: Wire): Promise<string> {
  const { status, body } = await readResponse(wire);
  return `${status} ${body}`;
}

test('requests that come byte by byte get the same answers as whole ones', () =>
  gateway.serve(tell, async ({ connect }) => {
    const table = [...GOOD, ...BAD_REQUESTS.filter(([, bytes]) => bytes.length < 1000)];
    const requests = await Promise.all(
      table.map(async ([name, bytes]) => {
        const [whole, split] = [await connect(), await connect()];
        whole.write(bytes);
        return { name, bytes: Buffer.from(bytes, 'latin1'), expected: await outcome(whole), split };
      }),
    );
    for (let at = 0; requests.some(({ bytes }) => at < bytes.length); at++) {
      for (const { bytes, split } of requests) if (at < bytes.length) split.write(bytes.subarray(at, at + 1));
      await new Promise(resolve => setImmediate(resolve));
    }
    for (const { name, split, expected } of requests) assert.equal(await outcome(split), expected, name);
  }));

test('a response that comes byte by byte is the same as a whole one', () =>
  gateway.serve(
    async ({ wire, index }) => {
      const text = `HTTP/1.1 200 OK\r\nx-a: b\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\nx-t: u\r\n\r\n`;
      if (index === 0) wire.write(text);
      else
        for (const byte of text) {
          wire.write(byte);
          await new Promise(resolve => setImmediate(resolve));
        }
    },
    async ({ send }) => {
      const [whole, split] = [
        await send(`GET / HTTP/1.1\r\n${H}\r\n`),
        await send(`GET / HTTP/1.1\r\n${H}\r\n`),
      ];
      assert.deepEqual(
        [split.status, split.body, split.trailers],
        [whole.status, whole.body, whole.trailers],
      );
    },
  ));
