import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestGateway } from '../../proxy/support/gateway.ts';
import { field } from '../../proxy/support/message.ts';
import { echo, type Upstream } from '../../proxy/support/upstream.ts';
import { freePort } from '../../support/free-port.ts';
import { asked, BODY, idOf, post } from './contract.ts';
import { pickedPool } from './manifests.ts';
import { place, ScriptedPicker } from './scripted-picker.ts';

/** What is around an external picker: limits, large bodies, plain text, and pickers that are not there. */
export function pickerCircumstances(gateway: TestGateway, picker: () => ScriptedPicker): void {
  const port = () => picker().port;

  test('a limit holds whatever the picker says', () => {
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
        picker().script = stream => place(stream, idOf(upstream));
        await asked(send);
        const first = await connect();
        first.write(post(BODY));
        await first.readUntil('\r\n\r\nab');
        const second = await send(post(BODY));
        assert.equal(second.status, 503);
        assert.equal(field(second, 'x-envoy-overloaded'), 'true');
        release.resolve();
        await first.readUntil('cd');
        assert.equal((await send('GET / HTTP/1.1\r\nhost: gateway.test\r\n\r\n')).status, 200);
      },
      pickedPool({ port, policy: 'circuitBreaker: { maxParallelRequests: 1 }' }),
    );
  });

  test('a large body goes to the picker and back', () =>
    gateway.serve(
      echo,
      async ({ send, upstream }) => {
        picker().script = stream => place(stream, idOf(upstream));
        await asked(send);
        const body = 'x'.repeat(3_000_000);
        const answer = await send(post(body));
        assert.equal(answer.status, 200);
        assert.equal(answer.body.length, body.length);
        assert.equal(picker().last.body.length, body.length);
      },
      pickedPool({ port }),
    ));

  test('a picker in plain text, where the Service says so', async () => {
    const plain = await ScriptedPicker.start(() => {}, { tls: false });
    try {
      await gateway.serveMany(
        [echo, echo],
        async ({ send, upstreams }) => {
          const second = upstreams[1] as Upstream;
          plain.script = stream => place(stream, idOf(second));
          await asked(send);
          assert.equal((await send(post(BODY))).status, 200);
          assert.equal(plain.last.body, BODY);
        },
        pickedPool({ port: () => plain.port, tls: false }),
      );
    } finally {
      await plain.close();
    }
  });

  for (const where of ['without ready endpoints', 'that nobody listens for'])
    for (const failureMode of ['FailOpen', 'FailClose'] as const)
      test(`a picker ${where}, ${failureMode}`, async () => {
        const free = where === 'without ready endpoints' ? 0 : await freePort();
        await gateway.serve(
          echo,
          async ({ send }) => {
            const { status } = await send(post(BODY));
            assert.equal(status, failureMode === 'FailOpen' ? 200 : 503);
          },
          pickedPool({ port: () => free, failureMode }),
        );
      });
}
