import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestGateway } from '../../proxy/support/gateway.ts';
import { field } from '../../proxy/support/message.ts';
import { echo, type Upstream } from '../../proxy/support/upstream.ts';
import { until } from '../../support/until.ts';
import { asked, BODY, idOf, post } from './contract.ts';
import { pickedPool } from './manifests.ts';
import { bodyAnswer, headAnswer, type PickerStream, place, type ScriptedPicker } from './scripted-picker.ts';

const DESTINATION = 'x-gateway-destination-endpoint';

interface BadAnswer {
  readonly what: string;
  /** @param good an endpoint of the pool */
  readonly script: (stream: PickerStream, good: string) => void;
  /** Label of the metric. */
  readonly result: string;
  /** In the log. */
  readonly says: RegExp;
}

const BAD: readonly BadAnswer[] = [
  {
    what: 'an address outside the pool',
    script: stream => place(stream, '127.0.0.200:9'),
    result: 'outside-pool',
    says: /names "127.0.0.200:9", which the pool does not have/,
  },
  {
    what: 'no address',
    script: stream => place(stream, 'not an address'),
    result: 'malformed',
    says: /names "not an address", which is no ADDRESS:PORT/,
  },
  {
    what: 'an empty list',
    script: stream => place(stream, ''),
    result: 'malformed',
    says: /names "", which is no ADDRESS:PORT/,
  },
  {
    what: 'no endpoint at all',
    script: stream => stream.answer(headAnswer({ 'x-other': '1' }), bodyAnswer(stream.body)),
    result: 'no-endpoint',
    says: /names no endpoint/,
  },
  {
    what: 'bytes that are no message',
    script: stream => stream.call.send([Buffer.from([0x0a, 0x7f, 1, 2, 3])]),
    result: 'malformed',
    says: /no ProcessingResponse: field 1 is cut off/,
  },
  {
    what: 'a header with a line break',
    script: (stream, good) =>
      stream.answer(headAnswer({ [DESTINATION]: good, 'x-a': 'b\r\nx-c: d' }), bodyAnswer(stream.body)),
    result: 'malformed',
    says: /header that is not allowed/,
  },
  {
    what: 'status 99',
    script: stream =>
      stream.answer({ response: { case: 'immediateResponse', value: { status: { code: 99 as 100 } } } }),
    result: 'malformed',
    says: /answers with status 99/,
  },
  {
    what: 'an error of gRPC',
    script: stream => stream.call.end({ code: 13, message: 'out of order' }),
    result: 'broken-off',
    says: /gRPC status 13 \(out of order\)/,
  },
  {
    what: 'a stream that is cut off',
    script: stream => stream.call.cancel(),
    result: 'broken-off',
    says: /ended before it had answered/,
  },
  {
    what: 'half an answer, and then nothing',
    script: (stream, good) => stream.answer(headAnswer({ [DESTINATION]: good })),
    result: 'timeout',
    says: /no answer within \d+ ms/,
  },
];

/** A picker that misbehaves: refused, counted, told, and then what failureMode says. */
export function badAnswers(gateway: TestGateway, picker: () => ScriptedPicker): void {
  for (const failureMode of ['FailClose', 'FailOpen'] as const)
    test(`bad answers with failureMode ${failureMode}`, { timeout: 60_000 }, () =>
      gateway.serveMany(
        [echo, echo],
        async ({ send, upstreams }) => {
          const [first] = upstreams as [Upstream, Upstream];
          picker().script = stream => place(stream, idOf(first));
          await asked(send);
          // One line for each kind in a while.
          const told = new Set<string>();
          const peer = `external picker default/picker:9002: 127.0.0.1:${picker().port}: `;
          for (const { what, script, result, says } of BAD) {
            const counted = await gateway.metric(`breakwater_external_picks_total{result="${result}"}`);
            picker().script = stream => script(stream, idOf(first));
            const answer = await send(post(BODY));
            if (failureMode === 'FailOpen') assert.equal(answer.status, 200, what);
            else {
              assert.equal(answer.status, 503, what);
              assert.equal(answer.body, 'no healthy upstream');
              assert.equal(field(answer, 'x-breakwater-reason'), `reason=external-picker; cause=${result}`);
            }
            assert.equal(
              await gateway.metric(`breakwater_external_picks_total{result="${result}"}`),
              counted + 1,
              what,
            );
            if (failureMode === 'FailClose' && !told.has(result))
              await until(
                `the log says ${says}`,
                () => gateway.events.some(event => says.test(event) && event.includes(peer)) || undefined,
              );
            told.add(result);
          }
          picker().script = stream => place(stream, idOf(first));
          assert.equal((await send(post(BODY))).status, 200);
        },
        pickedPool({ port: () => picker().port, failureMode }),
      ),
    );

  test('of a list, what the pool has is used', () =>
    gateway.serveMany(
      [echo, echo],
      async ({ send, upstreams }) => {
        const [, second] = upstreams as [Upstream, Upstream];
        picker().script = stream => place(stream, `127.0.0.200:9,nonsense,${idOf(second)}`);
        await asked(send);
        const before = second.requests.length;
        assert.equal((await send(post(BODY))).status, 200);
        assert.equal(second.requests.length, before + 1);
      },
      pickedPool({ port: () => picker().port }),
    ));
}
