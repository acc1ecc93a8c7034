import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { messageField, numberField, textField } from '../../wire/index.ts';
import { PickAnswer, type PickOutcome } from './pick-answer.ts';

const POOL = new Map([
  ['10.0.0.1:8000', 0],
  ['[fd00::1]:8000', 1],
]);

function answerTo({ headers = [], hasBody = false, maxBodyBytes = 1000 }: Partial<Question> = {}) {
  return new PickAnswer({ indexOf: POOL, headers, hasBody, maxBodyBytes });
}

interface Question {
  readonly headers: readonly string[];
  readonly hasBody: boolean;
  readonly maxBodyBytes: number;
}

/** HeaderValueOption. @param action HeaderAppendAction */
function option(name: string, value: string, action = 0, append = false): Buffer {
  return messageField(
    1,
    messageField(1, textField(1, name), textField(3, value)),
    ...(append ? [messageField(2, numberField(1, 1))] : []),
    numberField(3, action),
  );
}

/** ProcessingResponse with request_headers. */
function head(...mutation: readonly Buffer[]): Buffer {
  return messageField(1, messageField(1, messageField(2, ...mutation)));
}

/** ProcessingResponse with request_body. */
function piece(body: string, end: boolean): Buffer {
  return messageField(
    3,
    messageField(1, messageField(3, messageField(3, textField(1, body), numberField(2, end ? 1 : 0)))),
  );
}

const destination = (value: string) => option('x-gateway-destination-endpoint', value);

function placed(outcome: PickOutcome | undefined) {
  assert.equal(outcome?.kind, 'placed');
  return outcome as Extract<PickOutcome, { kind: 'placed' }>;
}

test('whatever comes, it is an outcome or more is awaited', () =>
  fc.assert(
    fc.property(fc.array(fc.uint8Array()), fc.boolean(), (messages, hasBody) => {
      const answer = answerTo({ hasBody });
      for (const bytes of messages) {
        const outcome = answer.receive(Buffer.from(bytes));
        if (outcome !== undefined && outcome.kind === 'placed') assert.ok(outcome.indexes.length > 0);
      }
    }),
  ));

test('a good answer with any byte changed never names what the pool does not have', () => {
  const good = head(destination('10.0.0.1:8000,[fd00::1]:8000'), option('x-a', 'b'));
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.nat(255), (at, byte) => {
      const bytes = Buffer.from(good);
      bytes[at] = byte;
      const outcome = answerTo().receive(bytes);
      if (outcome?.kind === 'placed') assert.ok(outcome.indexes.every(index => index === 0 || index === 1));
    }),
  );
});

test('endpoints in the order that they are named in, each once, IPv6 too', () => {
  const outcome = placed(
    answerTo().receive(
      head(destination(' [fd00::1]:8000 , 10.0.0.1:8000,[fd00::1]:8000, 10.9.9.9:1,[::g]:1')),
    ),
  );
  assert.deepEqual(outcome.indexes, [1, 0]);
  assert.deepEqual(outcome.refused, { outside: ['10.9.9.9:1'], malformed: ['[::g]:1'] });
});

test('mutations of headers do what HeaderAppendAction says, and leave alone what is not the picker’s', () => {
  const { headers } = placed(
    answerTo({ headers: ['x-there', '1'] }).receive(
      head(
        destination('10.0.0.1:8000'),
        option('X-Set', 'a'),
        option('x-more', 'b', 0, true),
        option('x-there', 'c', 1),
        option('x-absent', 'd', 1),
        option('x-there', 'e', 3),
        option('x-nowhere', 'f', 3),
        option('host', 'evil'),
        option(':path', '/evil'),
        option('content-length', '1'),
        option('x-breakwater-reason', 'g'),
        textField(2, 'X-Gone'),
        textField(2, 'transfer-encoding'),
      ),
    ),
  );
  assert.deepEqual(headers, {
    set: [
      { name: 'x-set', value: 'a' },
      { name: 'x-absent', value: 'd' },
      { name: 'x-there', value: 'e' },
    ],
    add: [{ name: 'x-more', value: 'b' }],
    remove: ['x-gone'],
  });
});

test('a request with a body is placed when its body has come back, and no more of it than is borne', () => {
  const answer = answerTo({ hasBody: true, maxBodyBytes: 10 });
  assert.equal(answer.receive(head(destination('10.0.0.1:8000'))), undefined);
  assert.equal(answer.receive(piece('12345', false)), undefined);
  assert.equal(placed(answer.receive(piece('67890', true))).body?.toString(), '1234567890');
  const large = answerTo({ hasBody: true, maxBodyBytes: 9 });
  large.receive(head(destination('10.0.0.1:8000')));
  large.receive(piece('12345', false));
  assert.deepEqual(large.receive(piece('67890', true)), {
    kind: 'failed',
    failure: 'malformed',
    detail: 'it gives back a body of more than 9 bytes',
  });
});

test('a body answer that changes nothing leaves the body as it came', () => {
  const answer = answerTo({ hasBody: true });
  answer.receive(head(destination('10.0.0.1:8000')));
  assert.equal(placed(answer.receive(messageField(3))).body, undefined);
});
