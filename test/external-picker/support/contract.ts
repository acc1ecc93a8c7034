import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestGateway } from '../../proxy/support/gateway.ts';
import { field, type Head } from '../../proxy/support/message.ts';
import { echo, type Upstream } from '../../proxy/support/upstream.ts';
import { until } from '../../support/until.ts';
import { type PickedPool, pickedPool } from './manifests.ts';
import { bodyAnswer, headAnswer, place, type ScriptedPicker, setHeaders } from './scripted-picker.ts';

export const BODY = '{"model":"model-a","prompt":"hello"}';

export function post(body: string, ...fields: readonly string[]): string {
  const lines = [
    'POST /v1/completions HTTP/1.1',
    'host: gateway.test',
    `content-length: ${body.length}`,
    ...fields,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

export function idOf({ address, port }: Upstream): string {
  return `${address}:${port}`;
}

/** The picker has been reached: before that a pool that fails closed answers 503. */
export async function asked(send: (request: string) => Promise<{ readonly status: number }>): Promise<void> {
  await until('the picker is asked', async () => {
    const { status } = await send('GET /v1/models HTTP/1.1\r\nhost: gateway.test\r\n\r\n');
    return status === 200 || undefined;
  });
}

/** What holds for an external picker whatever plane serves. */
export function pickerContract(gateway: TestGateway, scripted: () => ScriptedPicker): void {
  const pool = (options: Partial<PickedPool> = {}) => pickedPool({ port: () => scripted().port, ...options });

  test('the external picker is shown the request, and its endpoint, headers and body are used', () =>
    gateway.serveMany(
      [echo, echo, echo],
      async ({ send, upstreams }) => {
        const [, , third] = upstreams as [Upstream, Upstream, Upstream];
        scripted().script = stream => place(stream, idOf(third));
        await asked(send);
        scripted().script = stream =>
          stream.answer(
            headAnswer(
              { 'x-gateway-destination-endpoint': idOf(third), 'x-picked': 'yes', 'content-length': '5' },
              ['x-secret'],
            ),
            bodyAnswer('{"model":', false),
            bodyAnswer('"adapter"}'),
          );
        const { status, body } = await send(
          post(BODY, 'x-secret: 1', 'x-gateway-destination-endpoint: 10.0.0.1:80'),
        );
        assert.equal(status, 200);
        assert.equal(body, '{"model":"adapter"}');
        const received = third.requests.at(-1)?.head as Head;
        assert.equal(field(received, 'x-picked'), 'yes');
        assert.equal(field(received, 'content-length'), '19');
        assert.equal(field(received, 'x-secret'), undefined);
        assert.notEqual(field(received, 'x-gateway-destination-endpoint'), '10.0.0.1:80');
        const stream = scripted().last;
        assert.equal(stream.header(':path'), '/v1/completions');
        assert.equal(stream.header('x-secret'), '1');
        assert.equal(stream.header('x-gateway-destination-endpoint'), undefined);
        assert.equal(stream.body, BODY);
        assert.equal(stream.messages[0]?.protocolConfig?.requestBodyMode, 4);
        await until('the picker is told of the response', () =>
          stream.header(':status', 'responseHeaders') === '200' ? true : undefined,
        );
        const served = stream.messages.at(-1)?.metadataContext?.filterMetadata['envoy.lb'];
        assert.deepEqual(served, { 'x-gateway-destination-endpoint-served': idOf(third) });
        await until('the stream ends with the request', () => !stream.open || undefined);
      },
      pool(),
    ));

  test('an endpoint in dynamic metadata is as good as one in a header', () =>
    gateway.serveMany(
      [echo, echo],
      async ({ send, upstreams }) => {
        const second = upstreams[1] as Upstream;
        scripted().script = stream =>
          stream.answer(
            {
              ...headAnswer({}),
              dynamicMetadata: { 'envoy.lb': { 'x-gateway-destination-endpoint': idOf(second) } },
            },
            ...(stream.body === '' ? [] : [bodyAnswer(stream.body)]),
          );
        await asked(send);
        const before = second.requests.length;
        for (let i = 0; i < 5; i++) assert.equal((await send(post(BODY))).body, BODY);
        assert.equal(second.requests.length, before + 5);
      },
      pool(),
    ));

  test("the picker's list is gone down, then others of the pool are tried", () =>
    gateway.serveMany(
      [({ wire }) => wire.destroy(), echo, echo],
      async ({ send, upstreams }) => {
        const [first, second, third] = upstreams as [Upstream, Upstream, Upstream];
        scripted().script = stream => place(stream, idOf(second));
        await asked(send);
        const before = third.requests.length;
        scripted().script = stream => place(stream, ` ${idOf(first)}, ${idOf(third)}`);
        assert.equal((await send(post(BODY))).body, BODY);
        assert.equal(third.requests.length, before + 1);
        scripted().script = stream => place(stream, idOf(first));
        assert.equal((await send(post(BODY))).body, BODY);
      },
      pool({ policy: 'retry: { numRetries: 2, retryOn: { triggers: [reset, connect-failure] } }' }),
    ));

  test('a picker that refuses a request answers the client', () =>
    gateway.serve(
      echo,
      async ({ send, upstream }) => {
        scripted().script = stream => place(stream, idOf(upstream));
        await asked(send);
        scripted().script = stream =>
          stream.answer({
            response: {
              case: 'immediateResponse',
              value: {
                status: { code: 429 },
                headers: setHeaders({ 'retry-after': '7', 'content-length': '3' }),
                body: Buffer.from('too many requests'),
              },
            },
          });
        const answer = await send(post(BODY));
        assert.equal(answer.status, 429);
        assert.equal(answer.body, 'too many requests');
        assert.equal(field(answer, 'retry-after'), '7');
      },
      pool(),
    ));

  test('the stream lives as long as the answer, and is cut off when the client leaves', () => {
    const release = Promise.withResolvers<void>();
    return gateway.serve(
      async ({ wire, head }) => {
        if (head.line.startsWith('GET '))
          return void wire.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
        wire.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nab');
        await release.promise;
        wire.write('cd');
      },
      async ({ send, connect, upstream }) => {
        scripted().script = stream => place(stream, idOf(upstream));
        await asked(send);
        const [slow, leaver] = [await connect(), await connect()];
        slow.write(post(BODY));
        await slow.readUntil('\r\n\r\nab');
        const stream = scripted().last;
        leaver.write(post(BODY));
        await leaver.readUntil('\r\n\r\nab');
        const left = scripted().last;
        leaver.destroy();
        await until('the stream of the client that left ends', () => !left.open || undefined);
        assert.equal(stream.open, true);
        release.resolve();
        await slow.readUntil('cd');
        await until('the stream ends', () => !stream.open || undefined);
      },
      pool(),
    );
  });

  test('a client that leaves while its request is at the picker frees it there', () =>
    gateway.serve(
      echo,
      async ({ send, connect, upstream }) => {
        scripted().script = stream => place(stream, idOf(upstream));
        await asked(send);
        const sent = scripted().streams.length;
        scripted().script = () => {};
        const wire = await connect();
        wire.write(post(BODY));
        await until('the picker has it', () => scripted().streams.length > sent || undefined);
        wire.destroy();
        await until('the stream is cut off', () => !scripted().last.open || undefined);
      },
      pool(),
    ));
}
