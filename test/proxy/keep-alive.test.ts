import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useGateway } from './support/gateway.ts';
import { field, readResponse } from './support/message.ts';
import { answer, echo } from './support/upstream.ts';

const gateway = useGateway({ workers: 2 });

test('requests follow each other on one connection, and share one connection upstream', () =>
  gateway.serve(echo, async ({ connect, upstream }) => {
    const client = await connect();
    for (const body of ['one', '', 'three']) {
      client.write(`POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
      const response = await readResponse(client);
      assert.equal(response.status, 200);
      assert.equal(response.body, body);
      assert.equal(field(response, 'connection'), undefined);
    }
    assert.equal(upstream.connections, 1);
  }));

test('a thousand pipelined requests are answered in order', () =>
  gateway.serve(
    request => void request.wire.write(answer(request.head.line.split(' ')[1] ?? '')),
    async ({ connect }) => {
      const client = await connect();
      const targets = Array.from({ length: 1000 }, (_, i) => `/${i}`);
      client.write(targets.map(target => `GET ${target} HTTP/1.1\r\nhost: a\r\n\r\n`).join(''));
      for (const target of targets) assert.equal((await readResponse(client)).body, target);
    },
  ));
