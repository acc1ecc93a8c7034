import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useGateway } from './support/gateway.ts';
import { poolRoute } from './support/manifests.ts';
import { type Response, readResponse } from './support/message.ts';
import { answer, type Script } from './support/upstream.ts';

const gateway = useGateway({ workers: 2 });

function request(method: string, target: string, json?: object): string {
  const body = json === undefined ? '' : JSON.stringify(json);
  return `${method} ${target} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

/** Keeps the responses that it makes, as a model server does. Some are streamed, in small chunks. */
function keeper(name: string): Script {
  const kept = new Set<string>();
  let made = 0;
  return async asked => {
    const { wire } = asked;
    const [method = '', target = ''] = asked.head.line.split(' ');
    const { body } = await asked.body();
    const json = body === '' ? {} : JSON.parse(body);
    const about = target.split('/')[3] ?? json.previous_response_id;
    if (about !== undefined) wire.write(kept.has(about) ? answer(name) : notHere);
    else if (method === 'POST') {
      const id = `resp_${name}_${++made}`;
      kept.add(id);
      if (json.stream !== true) wire.write(answer(JSON.stringify({ id, object: 'response' })));
      else {
        const event = `event: response.created\ndata: ${JSON.stringify({ type: 'response.created', response: { id } })}\n\n`;
        wire.write(
          'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n',
        );
        for (const part of event.match(/[\s\S]{1,7}/g) ?? []) wire.write(`${part.length}\r\n${part}\r\n`);
        wire.write('0\r\n\r\n');
      }
    }
  };
}

const notHere = 'HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n';

test('what names a response goes to the server that made it, over all workers', () =>
  gateway.serveMany(
    [keeper('a'), keeper('b'), keeper('c')],
    async ({ connect, send }) => {
      const made = new Set<string>();
      for (let i = 0; i < 12; i++) {
        const client = await connect();
        client.write(
          request('POST', '/v1/responses?x=1', { model: 'model-a', input: `q${i}`, stream: i % 2 === 0 }),
        );
        const first: Response = await readResponse(client);
        const id = /resp_\w+/.exec(first.body)?.[0] as string;
        const server = id.split('_')[1];
        made.add(server as string);
        const asks = [
          request('POST', '/v1/responses', { model: 'model-a', input: 'and?', previous_response_id: id }),
          request('GET', `/v1/responses/${id}`),
          request('GET', `/v1/responses/${id}/input_items?limit=1`),
          request('POST', `/v1/responses/${id}/cancel`, {}),
          request('DELETE', `/v1/responses/${id}`),
        ];
        for (const ask of asks) assert.equal((await send(ask)).body, server, ask);
      }
      assert.ok(made.size > 1, 'several servers made some');
    },
    poolRoute(),
  ));

test('a response that nobody knows is asked for as anything else', () =>
  gateway.serveMany(
    [keeper('a'), keeper('b')],
    async ({ send }) => {
      assert.equal((await send(request('GET', '/v1/responses/resp_unknown'))).status, 404);
    },
    poolRoute(),
  ));
