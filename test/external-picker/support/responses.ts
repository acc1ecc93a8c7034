import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestGateway } from '../../proxy/support/gateway.ts';
import { field, readHead, readResponse } from '../../proxy/support/message.ts';
import { answer, echo, type Script, type Upstream } from '../../proxy/support/upstream.ts';
import { until } from '../../support/until.ts';
import { asked, BODY, idOf, post } from './contract.ts';
import { pickedPool } from './manifests.ts';
import {
  type PickerStream,
  place,
  responseAnswer,
  type ScriptedPicker,
  setHeaders,
} from './scripted-picker.ts';

const withHeaders: Script = async ({ wire, body }) => {
  await body();
  wire.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-there: 1\r\nx-secret: 1\r\nx-two: a\r\n\r\nok');
};

/** What an external picker may say to a response: its headers are changed, whatever else it says is told, and the response goes on. */
export function pickerResponses(gateway: TestGateway, picker: () => ScriptedPicker): void {
  const pool = pickedPool({ port: () => picker().port });
  const serve = (script: Script, run: Parameters<TestGateway['serve']>[1]) =>
    gateway.serve(
      script,
      async scene => {
        picker().script = stream => place(stream, idOf(scene.upstream));
        await asked(scene.send);
        await run(scene);
      },
      pool,
    );
  const says = (onResponse: (stream: PickerStream) => void, run: () => Promise<void>) => {
    picker().onResponse = onResponse;
    return run().finally(() => {
      picker().onResponse = stream => stream.answer(responseAnswer());
    });
  };

  test('headers of the response are changed by the picker, but for those that are not its', () =>
    serve(withHeaders, ({ send }) =>
      says(
        stream => {
          const { setHeaders: set, removeHeaders } = setHeaders(
            {
              'X-Set': 'yes',
              'x-there': '2',
              'content-length': '7',
              'x-request-id': 'evil',
              'x-breakwater-reason': 'evil',
              ':status': '500',
            },
            ['x-secret', 'transfer-encoding'],
          );
          const more = { header: { key: 'x-two', rawValue: Buffer.from('b') }, append: true };
          stream.answer(responseAnswer({ setHeaders: [...set, more], removeHeaders }));
        },
        async () => {
          const response = await inTime('the picker changes the headers', async () => {
            const one = await send(post(BODY));
            assert.equal(one.status, 200);
            assert.equal(one.body, 'ok');
            return field(one, 'x-set') === 'yes' ? one : undefined;
          });
          assert.equal(field(response, 'x-there'), '2');
          assert.equal(field(response, 'x-secret'), undefined);
          assert.equal(field(response, 'content-length'), '2');
          assert.notEqual(field(response, 'x-request-id'), 'evil');
          assert.equal(field(response, 'x-breakwater-reason'), undefined);
          assert.deepEqual(
            response.fields.filter(([name]) => name === 'x-two').map(([, value]) => value),
            ['a', 'b'],
          );
          const { last } = picker();
          assert.equal(last.header(':status', 'responseHeaders'), '200');
          assert.equal(last.header('x-there', 'responseHeaders'), '1');
        },
      ),
    ));

  for (const [what, onResponse, told] of [
    ['says nothing to a response', () => {}, /says nothing to the head of a response within 500 ms/],
    [
      'sets a header that is none',
      stream => stream.answer(responseAnswer(setHeaders({ 'x-a': 'b\r\nx-c: d' }))),
      /sets a header of the response that is not allowed/,
    ],
    [
      'answers in place of a response',
      stream => stream.answer({ response: { case: 'immediateResponse', value: { status: { code: 429 } } } }),
      /answers in place of a response/,
    ],
    ['breaks off', stream => stream.call.cancel(), undefined],
    ['sends garbage', stream => stream.call.send([Buffer.from([0x0a, 0x7f])]), /no ProcessingResponse/],
  ] as readonly (readonly [string, (stream: PickerStream) => void, RegExp | undefined])[])
    test(`a picker that ${what}: it goes on as it is`, () =>
      serve(withHeaders, ({ send }) =>
        says(onResponse, async () => {
          const response = await send(post(BODY));
          assert.equal(response.status, 200);
          assert.equal(response.body, 'ok');
          assert.equal(field(response, 'x-there'), '1');
          if (told === undefined) return;
          const isTold = () => gateway.events.some(event => told.test(event)) || undefined;
          // One line for each kind in a while: another row may have had it.
          if (what !== 'sends garbage' && what !== 'answers in place of a response')
            await until(`the log says ${told}`, isTold);
        }),
      ));

  test('what comes of a response before the picker has spoken waits for it, in order and whole', () => {
    const body = 'x'.repeat(3_000_000);
    return serve(
      ({ wire }) => void wire.write(answer(body)),
      ({ connect }) => {
        const spoken = Promise.withResolvers<void>();
        return says(
          stream =>
            void spoken.promise.then(() => stream.answer(responseAnswer(setHeaders({ 'x-late': '1' })))),
          async () => {
            await inTime('the picker changes the headers', async () => {
              const client = await connect();
              client.write(post('{}'));
              const heard = picker().streams.length;
              await until('the picker has heard of it', () => {
                const stream = picker().streams[heard];
                return stream?.header(':status', 'responseHeaders') === undefined ? undefined : true;
              });
              const early = client.received;
              spoken.resolve();
              const response = await readResponse(client);
              assert.equal(response.body, body);
              if (field(response, 'x-late') === undefined) return undefined;
              assert.equal(early, 0);
              return true;
            });
          },
        );
      },
    );
  });

  test('a client that leaves while the picker thinks about the response gives all back', () =>
    serve(withHeaders, ({ connect }) =>
      says(
        () => {},
        async () => {
          const client = await connect();
          client.write(post(BODY));
          await until('the picker has heard of it', () =>
            picker().last.header(':status', 'responseHeaders') === undefined ? undefined : true,
          );
          client.destroy();
          await until('the stream ends', () => !picker().last.open || undefined);
        },
      ),
    ));

  test('a WebSocket is placed by the picker, which hears of the head and of nothing after it', () =>
    gateway.serveMany(
      [echo, twice],
      async ({ send, connect, upstreams }) => {
        const [first, second] = upstreams as [Upstream, Upstream];
        picker().script = stream => place(stream, idOf(first));
        await asked(send);
        picker().script = stream => place(stream, idOf(second));
        const client = await connect();
        client.write(
          'GET /ws HTTP/1.1\r\nhost: gateway.test\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-key: x\r\n\r\n',
        );
        assert.match((await readHead(client)).line, / 101 /);
        client.write('ping');
        assert.equal((await client.read(8)).toString(), 'pingping');
        const stream = picker().last;
        assert.equal(stream.header(':path'), '/ws');
        assert.equal(stream.body, '');
        assert.equal(stream.open, true);
        client.destroy();
        await until('the stream ends with the WebSocket', () => !stream.open || undefined);
      },
      pool,
    ));

  test('after a retry the picker is told which endpoint served', () =>
    gateway.serveMany(
      [({ wire }) => wire.destroy(), echo],
      async ({ send, upstreams }) => {
        const [first, second] = upstreams as [Upstream, Upstream];
        picker().script = stream => place(stream, idOf(second));
        await asked(send);
        picker().script = stream => place(stream, `${idOf(first)},${idOf(second)}`);
        assert.equal((await send(post(BODY))).status, 200);
        const told = picker().last.messages.find(({ request }) => request.case === 'responseHeaders');
        assert.deepEqual(told?.metadataContext?.filterMetadata['envoy.lb'], {
          'x-gateway-destination-endpoint-served': idOf(second),
        });
      },
      pickedPool({
        port: () => picker().port,
        policy: 'retry: { numRetries: 2, retryOn: { triggers: [reset, connect-failure] } }',
      }),
    ));
}

/** On a machine that is too slow for it a response does not wait for the picker: then it is asked again. */
function inTime<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  return until(what, ask, 60_000);
}

/** Takes the upgrade and says everything twice. */
const twice: Script = async ({ wire }) => {
  wire.write(
    'HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: y\r\n\r\n',
  );
  while (!wire.ended) {
    const bytes = await wire.readSome();
    wire.write(bytes.toString('latin1').repeat(2));
  }
};
